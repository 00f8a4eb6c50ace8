import {
  accountsSchema,
  createAccounts,
  DEFAULT_OPTIONS,
  type Accounts,
  type AccountsOptions,
} from '@breakwater/accounts';
import { auditLogSchema, createAuditLog, type AuditLog } from '@breakwater/audit';
import {
  ArtifactOverviews,
  catalogSchema,
  createCatalogControl,
  projectNames,
  ProjectReader,
  ScanTargets,
  type CatalogControl,
  type CatalogControlDependencies,
} from '@breakwater/catalog';
import type { SecretBox } from '@breakwater/config';
import { CreateOutbox1764000000000, Outbox, type Database, type DatabaseSchema } from '@breakwater/database';
import { createJobs, jobsSchema, type Jobs } from '@breakwater/jobs';
import { HealthChecks, SILENT, type Logger } from '@breakwater/observability';
import {
  createScanning,
  createScans,
  ScanDataExports,
  ScannerUnreachableError,
  scanningSchema,
  type AdapterClient,
  type Scanning,
  type Scans,
} from '@breakwater/scanning';
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
    ...scanningSchema.migrations,
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
  readonly jobs: Jobs;
  readonly scanning: Scanning;
  readonly scans: Scans;
  readonly scanDataExports: ScanDataExports;
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
  /** For what goes wrong behind requests. Left out: nobody is told. */
  readonly logger?: Logger;
  /** How adapters of scanners are called. Left out: none answers. */
  readonly adapters?: AdapterClient;
  /** Other than usual: tests need no hash that takes long. */
  readonly accounts?: Partial<AccountsOptions>;
}

export function createCoreServices(dependencies: CoreDependencies): CoreServices {
  const { settings, database, store, secrets, news = NOBODY, health = new HealthChecks() } = dependencies;
  const { logger = SILENT } = dependencies;
  const adapters = dependencies.adapters ?? NO_ADAPTERS;
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
  const webhooks = createWebhooksControl({ database, outbox, sealer: secrets });
  const projects = new ProjectReader(database);
  const jobs = createJobs({
    database,
    outbox,
    notifier: news,
    onFailure: (error) => logger.error('the end of an execution could not be told; trying on', { error }),
  });
  const scanning = createScanning({ database, outbox, sealer: secrets, client: adapters, notifier: news });
  const scans = createScans({
    database,
    outbox,
    scanners: scanning.scanners,
    adapters: scanning.adapters,
    targets: new ScanTargets(),
    overviews: new ArtifactOverviews(),
    jobs: jobs.service,
    executions: jobs.reader,
    schedules: jobs.schedules,
    credentials: accounts.pullCredentials,
  });
  const scanDataExports = new ScanDataExports({ database, outbox, jobs: jobs.service, executions: jobs.reader });
  jobs.hooks.onTasksEnded('SCAN_DATA_EXPORT', (tx, tasks) => scanDataExports.ended(tx, tasks));
  // A scan that waits is stopped here, where the request arrives.
  for (const type of ['IMAGE_SCAN', 'SBOM'] as const)
    jobs.hooks.onTasksEnded(type, (tx, tasks) => scans.ends.ended(tx, tasks));
  return {
    settings,
    database,
    store,
    accounts,
    catalog,
    auditLog,
    webhooks,
    jobs,
    scanning,
    scans,
    scanDataExports,
    projects,
    health,
  };
}

const NO_ADAPTERS: AdapterClient = {
  checkAddress: () => undefined,
  metadata: () => Promise.reject(new ScannerUnreachableError('this process calls no adapters')),
};

/** What the sealed private keys are bound to; the same in every process. */
const SIGNING_KEYS = 'accounts/signing-key';
