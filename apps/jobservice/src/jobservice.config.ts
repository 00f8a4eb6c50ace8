import {
  AuditLogConfig,
  BuiltInScannerConfig,
  DatabaseConfig,
  Fragment,
  GarbageCollectionConfig,
  httpConfig,
  JobsConfig,
  LogConfig,
  NatsConfig,
  OutboundConfig,
  PublicUrlConfig,
  ScanConfig,
  SecretKeyConfig,
  ShutdownConfig,
  StorageConfig,
} from '@breakwater/config';

class JobserviceHttpConfig extends httpConfig('JOBSERVICE', 8082) {}

/** All that jobservice is told by its environment. */
export class JobserviceConfig {
  @Fragment() readonly http!: JobserviceHttpConfig;
  @Fragment() readonly database!: DatabaseConfig;
  @Fragment() readonly storage!: StorageConfig;
  @Fragment() readonly nats!: NatsConfig;
  @Fragment() readonly secretKey!: SecretKeyConfig;
  @Fragment() readonly garbageCollection!: GarbageCollectionConfig;
  @Fragment() readonly jobs!: JobsConfig;
  @Fragment() readonly outbound!: OutboundConfig;
  @Fragment() readonly builtInScanner!: BuiltInScannerConfig;
  @Fragment() readonly publicUrl!: PublicUrlConfig;
  @Fragment() readonly scans!: ScanConfig;
  @Fragment() readonly auditLog!: AuditLogConfig;
  @Fragment() readonly log!: LogConfig;
  @Fragment() readonly shutdown!: ShutdownConfig;
}
