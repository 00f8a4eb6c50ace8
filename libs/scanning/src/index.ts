export { SystemAllowlistService, type SystemAllowlist } from './allowlists/system-allowlist.js';
export { createScans, type Scans, type ScansDependencies } from './create-scans.js';
export { createScanning, scanningSchema, type Scanning, type ScanningDependencies } from './create-scanning.js';
export type { ListPage, ListRequest } from './list.js';
export { CreateScanners1764000500000 } from './migrations/create-scanners.migration.js';
export { systemClock, type AdapterClient, type Clock, type Notifier, type SecretSealer } from './ports.js';
export { PullPreventedError } from './prevention/prevention.errors.js';
export {
  VulnerabilityGate,
  type PreventingProject,
  type VulnerabilityGateDependencies,
} from './prevention/vulnerability-gate.js';
export { MAX_SCANNERS_PER_PROJECT, ProjectScannerService } from './project-scanners/project-scanner.service.js';
export { ScannerDirectory } from './project-scanners/scanner-directory.js';
export { AdapterDirectory } from './registrations/adapter-directory.js';
export { BuiltInScanner } from './registrations/built-in-scanner.js';
export { BUILT_IN_NAME, type GivenEndpoint, type GivenRegistration } from './registrations/given-registration.js';
export {
  DefaultScannerDisabledError,
  InvalidScannerError,
  ScannerExistsError,
  ScannerImmutableError,
  ScannerNotFoundError,
  ScannerSealedError,
  ScannerUnreachableError,
} from './registrations/registration.errors.js';
export {
  registrationFields,
  SCANNER_AUTHS,
  type Registration,
  type ScannerAuth,
  type ScannerEndpoint,
} from './registrations/registration.js';
export { RegistrationService } from './registrations/registration.service.js';
export {
  isFinal,
  type FinalScanStatus,
  type FindingCounts,
  type Report,
  type ReportChanges,
  type ScanKind,
  type Scanner,
  type ScanStatus,
} from './reports/report.js';
export type { ReportOutcome } from './reports/report.repository.js';
export { ReportSweeper } from './reports/report-sweeper.js';
export type { SbomOverviewJson } from './reports/sbom-overview.js';
export type {
  ScannerVerdictJson,
  VulnerabilityOverview,
  VulnerabilitySummaryJson,
} from './reports/vulnerability-overview.js';
export type { ScanAllSchedule } from './scan-all/ports.js';
export { ScanAllService, type AskedSchedule, type ScanAllMetrics } from './scan-all/scan-all.service.js';
export { ScanAllWalk, type WalkingTask } from './scan-all/scan-all-walk.js';
export { SbomService } from './sbom/sbom.service.js';
export type { ArtifactOverviews, ScanJobs, ScanLeaf, ScanTarget, ScanTargets } from './scans/ports.js';
export { ReportLog } from './scans/report-log.js';
export {
  credentialHolderOf,
  ScanEnds,
  type BegunScan,
  type EndedScanTask,
  type ScanCredentials,
} from './scans/scan-ends.js';
export { ScanOnPush, type PushTold, type ScanWishes } from './scans/scan-on-push.js';
export { parseScanTask, type ScanTaskParameters } from './scans/scan-task.js';
export {
  NoDefaultScannerError,
  NoScanAllRunningError,
  NoScannerError,
  NotScannableError,
  NothingToStopError,
  ReportGoneError,
  ReportNotFoundError,
  ScanAllRunningError,
  ScanAllScheduledError,
  InvalidScanScheduleError,
  ScanNotSupportedError,
  ScannersDisabledError,
  ScanRunningError,
} from './scans/scan.errors.js';
export { ScanService, type ScanAsked } from './scans/scan.service.js';
export { FindingStore, NO_FINDINGS, type FindingTotals } from './vulnerabilities/finding.store.js';
export { VulnerabilityAddition, type ChangedFinding } from './vulnerabilities/vulnerability-addition.js';
export type { FindingFilter } from './security-hub/finding-filter.js';
export {
  COUNTED_AT_MOST,
  FindingSearch,
  type FindingSearchRequest,
  type FoundFinding,
  type FoundFindings,
} from './security-hub/finding-search.js';
export {
  SecuritySummaries,
  type DangerousArtifact,
  type DangerousCve,
  type SecuritySummary,
} from './security-hub/security-summary.js';
export { ExportNotFoundError, ExportOfAnotherError, InvalidExportError } from './exports/export.errors.js';
export { parseExportTask } from './exports/export-task.js';
export { ExportWriter, type ExportTask, type WrittenExport } from './exports/export-writer.js';
export {
  ScanDataExports,
  type ExportOwner,
  type NewExport,
  type ScanDataExport,
} from './exports/scan-data-export.service.js';
