import type { Database, Outbox } from '@breakwater/database';
import type { ScannerDirectory } from './project-scanners/scanner-directory.js';
import { systemClock, type Clock } from './ports.js';
import type { AdapterDirectory } from './registrations/adapter-directory.js';
import { OverviewWriter } from './reports/overview-writer.js';
import { ReportRepository } from './reports/report.repository.js';
import { ReportSweeper } from './reports/report-sweeper.js';
import { ScanNews } from './scan-news.js';
import { SbomService } from './sbom/sbom.service.js';
import type { ScanAllReader, ScanAllSchedules } from './scan-all/ports.js';
import { ScanAllService } from './scan-all/scan-all.service.js';
import { ScanAllWalk } from './scan-all/scan-all-walk.js';
import type { ArtifactOverviews, ScanJobs, ScanTargets } from './scans/ports.js';
import { ReportLog, type TaskLogs } from './scans/report-log.js';
import { ScanEnds, type ScanCredentials } from './scans/scan-ends.js';
import { ScanOnPush } from './scans/scan-on-push.js';
import { ScanPlanning } from './scans/scan-planning.js';
import { ScanService } from './scans/scan.service.js';
import { FindingStore } from './vulnerabilities/finding.store.js';
import { VulnerabilityAddition } from './vulnerabilities/vulnerability-addition.js';
import { VulnerabilityReportReader } from './vulnerabilities/vulnerability-report.reader.js';

export interface ScansDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  /** Of this module: `createScanning`. */
  readonly scanners: ScannerDirectory;
  readonly adapters: AdapterDirectory;
  /** Of the catalog. */
  readonly targets: ScanTargets;
  readonly overviews: ArtifactOverviews;
  /** Of jobs: `service`, `reader` and `schedules`. */
  readonly jobs: ScanJobs;
  readonly executions: ScanAllReader & TaskLogs;
  readonly schedules: ScanAllSchedules;
  /** Of accounts. */
  readonly credentials: ScanCredentials;
  readonly clock?: Clock;
}

/** Scans and what came of them. One per process. */
export interface Scans {
  readonly scans: ScanService;
  readonly onPush: ScanOnPush;
  /** The steps of a scan: for its handler, and for the hooks of jobs. */
  readonly ends: ScanEnds;
  readonly findings: FindingStore;
  readonly vulnerabilities: VulnerabilityAddition;
  readonly sboms: SbomService;
  readonly log: ReportLog;
  readonly scanAll: ScanAllService;
  readonly scanAllWalk: ScanAllWalk;
  readonly sweeper: ReportSweeper;
}

export function createScans(dependencies: ScansDependencies): Scans {
  const { database, outbox, targets, jobs, executions, credentials, clock = systemClock } = dependencies;
  const reports = new ReportRepository();
  const overviews = new OverviewWriter(reports, targets, dependencies.overviews);
  const planning = new ScanPlanning(dependencies.scanners, dependencies.adapters);
  const news = new ScanNews(outbox, clock);
  const scans = new ScanService({ database, targets, planning, reports, overviews, jobs, news });
  return {
    scans,
    onPush: new ScanOnPush({ database, targets, planning, reports, scans }),
    ends: new ScanEnds({ database, reports, targets, overviews, credentials, outbox, clock }),
    findings: new FindingStore(database),
    vulnerabilities: new VulnerabilityAddition(database, targets, reports, new VulnerabilityReportReader(database)),
    sboms: new SbomService({ database, reports, targets, overviews }),
    log: new ReportLog(database, targets, reports, executions),
    scanAll: new ScanAllService({
      database,
      directory: dependencies.scanners,
      jobs,
      executions,
      schedules: dependencies.schedules,
      news,
    }),
    scanAllWalk: new ScanAllWalk({ database, targets, planning, reports, jobs, overviews }),
    sweeper: new ReportSweeper({ database, targets, reports, overviews }),
  };
}
