import type { Database, DatabaseSchema, Outbox } from '@breakwater/database';
import { SystemAllowlistService } from './allowlists/system-allowlist.js';
import { CreateExports1764000520000 } from './migrations/create-exports.migration.js';
import { CreateReports1764000510000 } from './migrations/create-reports.migration.js';
import { CreateScanners1764000500000 } from './migrations/create-scanners.migration.js';
import { systemClock, type AdapterClient, type Clock, type Notifier, type SecretSealer } from './ports.js';
import { ProjectScannerRepository } from './project-scanners/project-scanner.repository.js';
import { ProjectScannerService } from './project-scanners/project-scanner.service.js';
import { ScannerDirectory } from './project-scanners/scanner-directory.js';
import { AdapterDirectory } from './registrations/adapter-directory.js';
import { BuiltInScanner } from './registrations/built-in-scanner.js';
import { CredentialSeal } from './registrations/credential-seal.js';
import { RegistrationRepository } from './registrations/registration.repository.js';
import { RegistrationService } from './registrations/registration.service.js';
import { ScannerNews } from './scanner-news.js';
import { FindingSearch } from './security-hub/finding-search.js';
import { SecuritySummaries } from './security-hub/security-summary.js';

/** The tables of this module. They refer to `project` and `artifact`: the catalog's migrations come first. */
export const scanningSchema = {
  entities: [],
  // Who scans, then what was found (1764000510000 and after).
  migrations: [CreateScanners1764000500000, CreateReports1764000510000, CreateExports1764000520000],
} as const satisfies DatabaseSchema;

export interface ScanningDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly sealer: SecretSealer;
  readonly client: AdapterClient;
  readonly notifier: Notifier;
  readonly clock?: Clock;
}

/** One per process. */
export interface Scanning {
  readonly registrations: RegistrationService;
  /** What adapters say of themselves. */
  readonly adapters: AdapterDirectory;
  readonly builtIn: BuiltInScanner;
  readonly projectScanners: ProjectScannerService;
  /** For whatever scans: which scanners, and how to reach them. */
  readonly scanners: ScannerDirectory;
  readonly systemAllowlist: SystemAllowlistService;
  /** What was found in everything. */
  readonly summaries: SecuritySummaries;
  readonly search: FindingSearch;
}

export function createScanning({
  database,
  outbox,
  sealer,
  client,
  notifier,
  ...rest
}: ScanningDependencies): Scanning {
  const clock = rest.clock ?? systemClock;
  const news = new ScannerNews(outbox, clock);
  const rows = new RegistrationRepository();
  const seal = new CredentialSeal(sealer);
  const scanners = new ScannerDirectory(database, rows, seal);
  return {
    registrations: new RegistrationService({ database, registrations: rows, client, seal, notifier, news }),
    adapters: new AdapterDirectory(client, (id) => scanners.endpointOf(id), clock),
    builtIn: new BuiltInScanner(database, rows, notifier, news),
    projectScanners: new ProjectScannerService(database, rows, new ProjectScannerRepository(), notifier, news),
    scanners,
    systemAllowlist: new SystemAllowlistService(database, notifier, news),
    summaries: new SecuritySummaries(database, scanners),
    search: new FindingSearch(database, scanners),
  };
}
