export { SystemAllowlistService, type SystemAllowlist } from './allowlists/system-allowlist.js';
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
export {
  abilitiesOf,
  type AdapterCapability,
  type AdapterMetadata,
  type ScannerAbilities,
} from './registrations/adapter-metadata.js';
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
