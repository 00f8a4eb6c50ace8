export {
  CYCLONEDX,
  findReportType,
  findSbomFormat,
  isSameMediaType,
  SBOM_FORMATS,
  SCANNABLE_MANIFEST_TYPES,
  ScannerMediaType,
  SPDX,
  VULNERABILITY_REPORT_TYPES,
  type ReportType,
  type SbomFormat,
  type VulnerabilityReportType,
} from './media-types.js';
export { describeFaults, type Fault, type Parsed } from './reading/fault.js';
export { MetadataProperty, parseMetadata, type Capability, type Scanner, type ScannerMetadata } from './metadata.js';
export {
  consumedTypes,
  databaseUpdatedAt,
  findOffer,
  registryAuthorizationType,
  supportedKinds,
  supportsKind,
  type ScanOffer,
  type SupportedKinds,
} from './capabilities.js';
export {
  parseScanRequest,
  scanRequestOf,
  statusOfFaults,
  type EnabledCapability,
  type ScanKind,
  type ScannedArtifact,
  type ScanQuestion,
  type ScanRequest,
} from './scan-request.js';
export {
  errorBody,
  findErrorMessage,
  parseScanResponse,
  type ScannerErrorBody,
  type ScanResponse,
} from './scan-response.js';
export {
  parseVulnerabilityReport,
  type ReportHead,
  type VulnerabilityReport,
  type VulnerabilityReportHead,
} from './vulnerability-report.js';
export { VulnerabilityReportReader } from './report-reader.js';
export type { PreferredCvss, Vulnerability } from './vulnerability.js';
export { findFormatOfSbom, parseSbomReport, type SbomReport } from './sbom-report.js';
export { severityOf, severityWord, worstSeverity } from './severity.js';
export { findingKey, findingOf, findingsOf, vulnerabilityOf, type Cvss, type Finding } from './findings/finding.js';
export { mergeFindings, type FindingSource, type MergedFinding, type Opinion } from './findings/merge.js';
export { summarize, type FindingSummary } from './findings/summary.js';
export { differenceOf, type FindingDifference } from './findings/difference.js';
// The order of severities and thresholds is a rule of the product (prevention at pull); scanners' words go by it.
export {
  findSeverity,
  findSeverityThreshold,
  reachesThreshold,
  SEVERITY_RANK,
  severityRank,
  type Severity,
  type SeverityThreshold,
} from '@breakwater/domain';
