import { createAccounts } from '@breakwater/accounts';
import { ArtifactOverviews, createCatalog, ProjectReader, ScanTargets, type Catalog } from '@breakwater/catalog';
import { OutboundClient } from '@breakwater/outbound';
import { DEFAULT_CIRCUIT, ScannerCircuits, ScannerClient, systemClock } from '@breakwater/scanner-client';
import {
  createScanning,
  createScans,
  ExportWriter,
  ScanDataExports,
  type Scanning,
  type Scans,
} from '@breakwater/scanning';
import type { JobserviceConfig } from '../../jobservice.config.js';
import type { JobFeature, JobParts } from '../job-feature.js';
import { CatalogNews } from './catalog-news.js';
import { CircuitNews } from './circuit-news.js';
import { ImageScanHandler } from './image-scan.handler.js';
import { REPORT_SWEEP_SCHEDULE, ReportSweepHandler } from './report-sweep.handler.js';
import { SbomAccessories } from './sbom-accessories.js';
import { SbomHandler } from './sbom.handler.js';
import { ScanAllHandler } from './scan-all.handler.js';
import { ScanDataExportHandler } from './scan-data-export.handler.js';
import { ScanSessions } from './scan-session.js';

/** Scans by hand, on push and of everything, SBOMs, and what is left of reports afterwards. */
export class ScanningFeature implements JobFeature {
  private readonly news = new WeakMap<JobParts, CatalogNews>();

  register({ worker }: Parameters<JobFeature['register']>[0], parts: JobParts): void {
    const { config, database, outbox, jobs } = parts;
    const client = new ScannerClient(
      new OutboundClient(config.outbound.options(config.builtInScanner.allowedHosts())),
      {
        limits: { scanTimeoutMs: config.scans.timeoutSeconds * 1000, maxReportBytes: config.scans.maxReportBytes },
        circuits: new ScannerCircuits(systemClock, DEFAULT_CIRCUIT, new CircuitNews(parts.logger, parts.metrics)),
      },
    );
    const targets = new ScanTargets();
    const catalog = catalogOf(parts);
    const accounts = accountsOf(parts);
    const scanning = scanningOf(parts, client);
    const scans = scansOf(parts, scanning, targets, accounts);
    const { ends } = scans;
    const { timeoutSeconds } = config.scans;
    const settings = { ...addressesOf(config), timeoutSeconds };
    const { projects } = catalog;
    const sessions = new ScanSessions({ client, scanners: scanning.scanners, projects, accounts, settings });
    const accessories = new SbomAccessories({ database, catalog, targets });
    const common = { ends, sessions, client, timeoutSeconds };
    worker.register('IMAGE_SCAN', new ImageScanHandler({ ...common, findings: scans.findings }));
    worker.register('SBOM', new SbomHandler({ ...common, accessories }));
    worker.register('SCAN_ALL', new ScanAllHandler(scans.scanAllWalk));
    const exports = new ScanDataExports({ database, outbox, jobs: jobs.service, executions: jobs.reader });
    worker.register('SCAN_DATA_EXPORT', new ScanDataExportHandler(new ExportWriter(database)));
    worker.register('SYSTEM_ARTIFACT_CLEANUP', new ReportSweepHandler(scans.sweeper, exports));
    jobs.hooks.onTasksEnded('SCAN_DATA_EXPORT', (tx, tasks) => exports.ended(tx, tasks));
    for (const type of ['IMAGE_SCAN', 'SBOM'] as const)
      jobs.hooks.onTasksEnded(type, (tx, tasks) => ends.ended(tx, tasks));
    jobs.objects.register(['IMAGE_SCAN', 'SBOM'], (on, ids) => targets.existing(on, ids));
    this.news.set(parts, new CatalogNews(new ProjectReader(database), scans.onPush, scans.sboms));
  }

  async prepare(parts: JobParts): Promise<void> {
    const { database, jobs, bus } = parts;
    await database.unitOfWork.run((tx) => jobs.schedules.putMissing(tx, REPORT_SWEEP_SCHEDULE));
    this.news.get(parts)?.follow(bus);
  }
}

/** A scan pulls from here. */
function addressesOf({ scans, publicUrl }: JobserviceConfig) {
  const registryUrl = scans.registryUrl ?? publicUrl.url ?? 'http://localhost:8080';
  return { registryUrl, internalRegistryUrl: scans.internalRegistryUrl ?? registryUrl };
}

function catalogOf({ config, database, store, outbox }: JobParts): Catalog {
  const { blobLeaseSeconds, trashSeconds, uploadTtlSeconds } = config.garbageCollection;
  return createCatalog({
    database,
    store,
    outbox,
    options: { blobLeaseSeconds, trashSeconds, uploadTtlSeconds, uploadWriterSeconds: UPLOAD_WRITER_SECONDS },
  });
}

/** A writer that is silent for so long counts as dead; the same as in the registry. */
const UPLOAD_WRITER_SECONDS = 30;

function accountsOf({ config, database, outbox }: JobParts) {
  const box = config.secretKey.secretBox();
  return createAccounts({
    database,
    outbox,
    notifier: {
      accountsChanged: () => undefined,
      membersChanged: () => undefined,
      signingKeysChanged: () => undefined,
    },
    sealer: { seal: (plain) => box.seal(plain, SIGNING_KEYS), open: (sealed) => box.open(sealed, SIGNING_KEYS) },
    // A credential that was made a moment ago is good.
    options: { staleMs: 0 },
  });
}

/** What the sealed private keys are bound to; the same in every process. */
const SIGNING_KEYS = 'accounts/signing-key';

function scanningOf({ config, database, outbox }: JobParts, client: ScannerClient): Scanning {
  return createScanning({
    database,
    outbox,
    sealer: config.secretKey.secretBox(),
    client,
    notifier: { scanPolicyChanged: () => undefined },
  });
}

function scansOf(
  { database, outbox, jobs }: JobParts,
  { scanners, adapters }: Scanning,
  targets: ScanTargets,
  accounts: ReturnType<typeof accountsOf>,
): Scans {
  return createScans({
    database,
    outbox,
    scanners,
    adapters,
    targets,
    overviews: new ArtifactOverviews(),
    jobs: jobs.service,
    executions: jobs.reader,
    schedules: jobs.schedules,
    credentials: accounts.pullCredentials,
  });
}
