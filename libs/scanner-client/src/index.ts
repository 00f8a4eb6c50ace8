export { ScannerClient, type ScanCallOptions, type ScannerClientOptions } from './scanner-client.js';
export type { WantedReport } from './calls/adapter-calls.js';
export type { ScanHappening, ScanListener } from './scan-happenings.js';
export { findRetryHint, isScannerAway, isTransient } from './failures.js';
export type { ScannerEndpoint } from './scanner-endpoint.js';
export { DEFAULT_SCANNER_LIMITS, type ScannerLimits } from './limits.js';
export { ReportFile } from './report-file.js';
export { readSbomReport, readVulnerabilityReport, type ReadReport } from './read-report.js';
export {
  DEFAULT_CIRCUIT,
  ScannerCircuits,
  type CircuitListener,
  type CircuitOptions,
} from './circuits/scanner-circuits.js';
export { systemClock, type Clock } from './clock.js';
export {
  isRetryableScanError,
  ReportNotStoredError,
  ScanFailedError,
  ScanLostError,
  ScannerAnswerError,
  ScannerCircuitOpenError,
  ScannerError,
  ScannerRefusedError,
  ScannerSignInError,
  ScannerUnavailableError,
  ScanTimeoutError,
  type ScannerOperation,
} from './scanner.errors.js';
