import {
  accountsSchema,
  createAccounts,
  DEFAULT_OPTIONS,
  type Accounts,
  type AccountsOptions,
} from '@breakwater/accounts';
import { CreateCatalog1764000100000, ProjectReader } from '@breakwater/catalog';
import type { SecretBox } from '@breakwater/config';
import { CreateOutbox1764000000000, Outbox, type Database, type DatabaseSchema } from '@breakwater/database';
import { HealthChecks } from '@breakwater/observability';
import type { CoreSettings } from './core.settings.js';
import { SILENT_NOTICES, type Notices } from './notices/notices.js';

/** Every table of the house, in the order in which they are made: core migrates for all processes. */
export const CORE_SCHEMA: DatabaseSchema = {
  entities: [...accountsSchema.entities],
  migrations: [CreateOutbox1764000000000, CreateCatalog1764000100000, ...accountsSchema.migrations],
};

/** The services behind the operations: one of each in a process, made once the database answers. */
export interface CoreServices {
  readonly settings: CoreSettings;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly projects: ProjectReader;
  readonly health: HealthChecks;
}

export interface CoreDependencies {
  readonly database: Database;
  readonly secrets: SecretBox;
  readonly settings: CoreSettings;
  readonly notices?: Notices;
  readonly health?: HealthChecks;
  /** Other than usual: tests need no hash that takes long. */
  readonly accounts?: Partial<AccountsOptions>;
}

export function createCoreServices(dependencies: CoreDependencies): CoreServices {
  const { database, secrets, settings, notices = SILENT_NOTICES, health = new HealthChecks() } = dependencies;
  const outbox = new Outbox(() => notices.outboxFilled());
  const accounts = createAccounts({
    database,
    outbox,
    notifier: notices.accounts,
    sealer: {
      seal: (plain) => secrets.seal(plain, SIGNING_KEYS),
      open: (sealed) => secrets.open(sealed, SIGNING_KEYS),
    },
    options: {
      // Decisions of the control plane are made on what is true now, so that who has just been given a role has it.
      staleMs: 0,
      tokens: { ...DEFAULT_OPTIONS.tokens, ttlSeconds: settings.tokenTtlSeconds },
      ...dependencies.accounts,
    },
  });
  return { settings, database, accounts, projects: new ProjectReader(database), health };
}

/** What the sealed private keys are bound to. */
const SIGNING_KEYS = 'accounts/signing-key';
