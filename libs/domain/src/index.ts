export { accessoryTypeOf, cosignTagSubject, findAccessory, type AccessoryType } from './artifacts/accessory-type.js';
export { ARTIFACT_TYPE_UNKNOWN, artifactKindOf, isWasmImage, type ArtifactKind } from './artifacts/artifact-type.js';
export { extraAttributesOf, type ExtraAttributes } from './artifacts/extra-attributes.js';
export { isImageConfig, type ContentFacts, type ManifestFacts } from './artifacts/manifest-facts.js';
export {
  InvalidCveAllowlistError,
  parseCveAllowlist,
  type CveAllowlist,
  type GivenCveAllowlist,
} from './cve-allowlist.js';
export {
  isProjectMetadataKey,
  metadataEntry,
  metadataForCreation,
  metadataForUpdate,
  type GivenMetadata,
  type MetadataChange,
  type MetadataContext,
  type ProjectMetadata,
} from './projects/project-metadata.js';
export { InvalidProjectMetadataError } from './projects/project-metadata.errors.js';
export { type ProjectMetadataKey } from './projects/project-metadata-value.js';
export {
  InvalidProjectNameError,
  isProjectName,
  parseProjectName,
  PROJECT_NAME_MAX_LENGTH,
} from './projects/project-name.js';
export {
  readProjectSettings,
  shownMetadata,
  type ProjectSettings,
  type ProxySettings,
} from './projects/project-settings.js';
export {
  exceedsStorageLimit,
  formatSize,
  InvalidStorageLimitError,
  isStorageNearlyFull,
  MAX_STORAGE_LIMIT_BYTES,
  parseStorageLimit,
  StorageLimitExceededError,
  UNLIMITED,
} from './projects/storage-limit.js';
export {
  findSeverity,
  findSeverityThreshold,
  reachesThreshold,
  SEVERITY_RANK,
  severityRank,
  type Severity,
  type SeverityThreshold,
} from './severity.js';
export { acceptedCves, preventingFindings, type CveAllowlists, type Finding } from './vulnerability-prevention.js';
export {
  checkPassword,
  PASSWORD_MAX_LENGTH,
  PASSWORD_MIN_LENGTH,
  passwordFaults,
  WeakPasswordError,
} from './users/password-policy.js';
export {
  InvalidUserFieldError,
  isEmail,
  parseUserName,
  parseUserProfile,
  USER_COMMENT_MAX_LENGTH,
  USER_NAME_MAX_LENGTH,
  type UserProfile,
} from './users/user-fields.js';
