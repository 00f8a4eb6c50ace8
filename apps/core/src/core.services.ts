import {
  accountsSchema,
  createAccounts,
  DEFAULT_OPTIONS,
  type Accounts,
  type AccountsOptions,
} from '@breakwater/accounts';
import { auditLogSchema, createAuditLog, type AuditLog } from '@breakwater/audit';
import {
  catalogSchema,
  createCatalogControl,
  projectNames,
  ProjectReader,
  type CatalogControl,
  type CatalogControlDependencies,
} from '@breakwater/catalog';
import type { SecretBox } from '@breakwater/config';
import { CreateOutbox1764000000000, Outbox, type Database, type DatabaseSchema } from '@breakwater/database';
import { jobsSchema } from '@breakwater/jobs';
import { HealthChecks } from '@breakwater/observability';
import type { BlobStore } from '@breakwater/storage';
import { createWebhooksControl, webhooksSchema, type WebhooksControl } from '@breakwater/webhooks';
import type { CoreSettings } from './core.settings.js';
import { NOBODY, type News } from './notices.js';

/** Every table of the house, in the order in which they are made: core migrates for all processes. */
export const CORE_SCHEMA: DatabaseSchema = {
  entities: [...catalogSchema.entities, ...accountsSchema.entities],
  migrations: [
    CreateOutbox1764000000000,
    ...catalogSchema.migrations,
    ...accountsSchema.migrations,
    ...auditLogSchema.migrations,
    ...jobsSchema.migrations,
    ...webhooksSchema.migrations,
  ],
};

/** The services behind the operations: one of each in a process, made once the database answers. */
export interface CoreServices {
  readonly settings: CoreSettings;
  readonly database: Database;
  readonly store: BlobStore;
  readonly accounts: Accounts;
  readonly catalog: CatalogControl;
  readonly auditLog: AuditLog;
  readonly webhooks: WebhooksControl;
  /** For decisions: the project that a path names, as it is now. */
  readonly projects: ProjectReader;
  readonly health: HealthChecks;
}

export interface CoreDependencies {
  readonly settings: CoreSettings;
  readonly database: Database;
  readonly store: BlobStore;
  readonly secrets: SecretBox;
  readonly catalog: CatalogControlDependencies['options'];
  /** Left out: nobody is told, and every cache lives for its time. */
  readonly news?: News;
  readonly health?: HealthChecks;
  /** Other than usual: tests need no hash that takes long. */
  readonly accounts?: Partial<AccountsOptions>;
}

export function createCoreServices(dependencies: CoreDependencies): CoreServices {
  const { settings, database, store, secrets, news = NOBODY, health = new HealthChecks() } = dependencies;
  const auditLog = createAuditLog({ database, projects: projectNames });
  const outbox = new Outbox(() => news.outboxFilled(), [auditLog.observer]);
  const accounts = createAccounts({
    database,
    outbox,
    notifier: news,
    signIns: auditLog.signIns,
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
  const catalog = createCatalogControl({ database, store, outbox, notifier: news, options: dependencies.catalog });
  const webhooks = createWebhooksControl(database, secrets);
  const projects = new ProjectReader(database);
  return { settings, database, store, accounts, catalog, auditLog, webhooks, projects, health };
}

/** What the sealed private keys are bound to; the same in every process. */
const SIGNING_KEYS = 'accounts/signing-key';
