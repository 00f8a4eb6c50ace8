import { DatabaseConfig, Fragment, StorageConfig } from '@breakwater/config';

/** The audit needs to read both sides and nothing else. */
export class AuditConfig {
  @Fragment() readonly database!: DatabaseConfig;
  @Fragment() readonly storage!: StorageConfig;
}
