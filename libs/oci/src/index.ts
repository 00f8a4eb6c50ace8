export type { Branded } from './branded.js';
export { Digest, DigestAlgorithm, InvalidDigestError, UnsupportedDigestAlgorithmError } from './digest.js';
export { InvalidRepositoryNameError, MAX_REPOSITORY_NAME_LENGTH, RepositoryName } from './repository-name.js';
export { InvalidTagError, Tag } from './tag.js';
export { type Reference, findReference, parseReference } from './reference.js';

export {
  MediaType,
  isForeignLayer,
  isIndexType,
  isManifestType,
  isMediaType,
  isSchema1,
  withoutParameters,
} from './manifest/media-types.js';
export { type Descriptor, type Platform } from './manifest/descriptor.js';
export { InvalidManifestError, MAX_MANIFEST_BYTES, ManifestTooLargeError } from './manifest/manifest-errors.js';
export { type Manifest, parseManifest } from './manifest/manifest.js';
export {
  type BlobReference,
  type ChildReference,
  blobReferences,
  childReferences,
  isBlobChild,
  referrerArtifactType,
} from './manifest/references-of.js';
export {
  type CosignTag,
  REFERRERS_CONTENT_TYPE,
  type Referrer,
  fallbackTag,
  findCosignTag,
  findFallbackPrefix,
  findFallbackSubject,
  referrersIndex,
} from './referrers.js';

export { InvalidTargetError } from './route/request-target.js';
export { type Route, UnknownRouteError, parseDataPlaneRoute } from './route/route.js';
export { RouteQuery } from './route/route-query.js';
export { DataPlanePath } from './route/paths.js';
export {
  InvalidRangeError,
  RangeOutOfOrderError,
  parseContentRange,
  readContentRange,
  uploadRange,
} from './content-range.js';
export {
  type ByteRange,
  UnsatisfiableRangeError,
  contentRange,
  parseByteRange,
  unsatisfiedContentRange,
} from './byte-range.js';
export { InvalidPageSizeError, MAX_PAGE_SIZE, type PageRequest, nextLink, parsePage } from './paging.js';

export { OCI_ERROR, type OciErrorCode, type OciErrorReply, type SpecCode, ociErrorOf } from './errors.js';
