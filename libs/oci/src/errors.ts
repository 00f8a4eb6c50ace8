import { AppError, type ErrorKind, KIND_STATUS } from '@breakwater/errors';
import type { UnsatisfiableRangeError } from './byte-range.js';
import type { InvalidRangeError, RangeOutOfOrderError } from './content-range.js';
import type { InvalidDigestError, UnsupportedDigestAlgorithmError } from './digest.js';
import type { InvalidManifestError, ManifestTooLargeError } from './manifest/manifest-errors.js';
import type { InvalidPageSizeError } from './paging.js';
import type { InvalidRepositoryNameError } from './repository-name.js';
import type { InvalidTargetError } from './route/request-target.js';
import type { UnknownRouteError } from './route/route.js';
import type { InvalidTagError } from './tag.js';

/**
 * `errors[].code` on the wire. The spec lists the first fourteen for its 4xx answers; the rest are docker's, for what
 * the list has no word for.
 *
 * @see OCI distribution-spec, "Error Codes".
 */
export type SpecCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS'
  | 'TAG_INVALID'
  | 'PAGINATION_NUMBER_INVALID'
  | 'UNAVAILABLE'
  /** Harbor's: a policy of the project holds the pull back. Its users' tools look for it. */
  | 'PROJECTPOLICYVIOLATION'
  | 'UNKNOWN';

type OwnError =
  | InvalidDigestError
  | InvalidManifestError
  | InvalidPageSizeError
  | InvalidRangeError
  | InvalidRepositoryNameError
  | InvalidTagError
  | InvalidTargetError
  | ManifestTooLargeError
  | RangeOutOfOrderError
  | UnknownRouteError
  | UnsatisfiableRangeError
  | UnsupportedDigestAlgorithmError;

/** Codes that the catalog, the storage and the registry throw at clients of the data plane. */
type ServiceErrorCode =
  | 'ARTIFACT_REFERENCED'
  | 'BLOB_REFERENCED'
  | 'BLOB_UNKNOWN'
  | 'DENIED'
  | 'DIGEST_MISMATCH'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_UNKNOWN'
  | 'METHOD_NOT_ALLOWED'
  | 'NAME_UNKNOWN'
  | 'POLICY_VIOLATION'
  | 'PULL_PREVENTED'
  | 'QUOTA_EXCEEDED'
  | 'SIZE_MISMATCH'
  | 'STORAGE_FULL'
  | 'TAG_IMMUTABLE'
  | 'TOO_MANY_REQUESTS'
  | 'UNAUTHORIZED'
  | 'UNAVAILABLE'
  | 'UPLOAD_BUSY'
  | 'UPLOAD_UNKNOWN';

export type OciErrorCode = OwnError['code'] | ServiceErrorCode;

interface OciErrorRow {
  readonly status: number;
  readonly code: SpecCode;
  /** For `Retry-After`, where trying again may help. */
  readonly retryAfterSeconds?: number;
}

/** Our codes to the wire: status and `errors[].code`. */
export const OCI_ERROR = {
  BLOB_UNKNOWN: { status: 404, code: 'BLOB_UNKNOWN' },
  DIGEST_INVALID: { status: 400, code: 'DIGEST_INVALID' },
  DIGEST_MISMATCH: { status: 400, code: 'DIGEST_INVALID' },
  MANIFEST_INVALID: { status: 400, code: 'MANIFEST_INVALID' },
  MANIFEST_UNKNOWN: { status: 404, code: 'MANIFEST_UNKNOWN' },
  NAME_INVALID: { status: 400, code: 'NAME_INVALID' },
  NAME_UNKNOWN: { status: 404, code: 'NAME_UNKNOWN' },
  PAGINATION_NUMBER_INVALID: { status: 400, code: 'PAGINATION_NUMBER_INVALID' },
  RANGE_INVALID: { status: 400, code: 'BLOB_UPLOAD_INVALID' },
  RANGE_OUT_OF_ORDER: { status: 416, code: 'BLOB_UPLOAD_INVALID' },
  RANGE_NOT_SATISFIABLE: { status: 416, code: 'SIZE_INVALID' },
  ROUTE_UNKNOWN: { status: 404, code: 'UNSUPPORTED' },
  SIZE_INVALID: { status: 413, code: 'SIZE_INVALID' },
  SIZE_MISMATCH: { status: 400, code: 'SIZE_INVALID' },
  TAG_INVALID: { status: 400, code: 'TAG_INVALID' },
  TARGET_INVALID: { status: 400, code: 'NAME_INVALID' },
  UNSUPPORTED_DIGEST_ALGORITHM: { status: 400, code: 'UNSUPPORTED' },
  UPLOAD_UNKNOWN: { status: 404, code: 'BLOB_UPLOAD_UNKNOWN' },

  // 400 as docker and Harbor answer: 404 on a push makes some clients believe that the repository is missing.
  MANIFEST_BLOB_UNKNOWN: { status: 400, code: 'MANIFEST_BLOB_UNKNOWN' },

  // Another request is writing this upload, most often one whose connection the client has already given up. 409 is
  // retried by no client, 416 would make it send other bytes, 503 would look to a proxy like a sick server; 429 with
  // Retry-After is what containerd, oras and regctl wait for.
  UPLOAD_BUSY: { status: 429, code: 'TOOMANYREQUESTS', retryAfterSeconds: 2 },

  UNAUTHORIZED: { status: 401, code: 'UNAUTHORIZED' },
  DENIED: { status: 403, code: 'DENIED' },
  QUOTA_EXCEEDED: { status: 403, code: 'DENIED' },

  // 412 is Harbor's word for "not in the present state", and what its users' tools look for. 405 would tell clients
  // that deleting is switched off. For blobs it is 405 all the same: the spec lists no other refusal for them, and to
  // drop a blob that a manifest needs is what we never support.
  POLICY_VIOLATION: { status: 412, code: 'DENIED' },
  PULL_PREVENTED: { status: 412, code: 'PROJECTPOLICYVIOLATION' },
  TAG_IMMUTABLE: { status: 412, code: 'DENIED' },
  ARTIFACT_REFERENCED: { status: 412, code: 'DENIED' },
  BLOB_REFERENCED: { status: 405, code: 'UNSUPPORTED' },
  METHOD_NOT_ALLOWED: { status: 405, code: 'UNSUPPORTED' },

  TOO_MANY_REQUESTS: { status: 429, code: 'TOOMANYREQUESTS', retryAfterSeconds: 5 },
  UNAVAILABLE: { status: 503, code: 'UNAVAILABLE', retryAfterSeconds: 5 },
  STORAGE_FULL: { status: 507, code: 'UNKNOWN' },
} as const satisfies Record<OciErrorCode, OciErrorRow>;

/** An error answer of the data plane. */
export interface OciErrorReply {
  readonly status: number;
  /** `{"errors":[{"code","message","detail"}]}`, to be sent as `application/json`. */
  readonly body: string;
  /** Value of `Retry-After`; null for none. */
  readonly retryAfterSeconds: number | null;
}

/**
 * Renders whatever was thrown. Codes without a row go by their kind. What is no AppError, or one of kind `internal`,
 * says nothing of its inside.
 *
 * @param requestId  put into the body of such an answer, so that it can be found in the log.
 */
export function ociErrorOf(error: unknown, requestId: string | null = null): OciErrorReply {
  if (!(error instanceof AppError) || error.kind === 'internal') {
    return reply(UNKNOWN, 'internal error', requestId === null ? {} : { requestId });
  }
  const row: OciErrorRow = hasRow(error.code) ? OCI_ERROR[error.code] : BY_KIND[error.kind];
  return reply(row, error.message, error.detail);
}

const UNKNOWN: OciErrorRow = { status: KIND_STATUS.internal, code: 'UNKNOWN' };

const BY_KIND = {
  invalid: { status: KIND_STATUS.invalid, code: 'UNSUPPORTED' },
  unauthenticated: OCI_ERROR.UNAUTHORIZED,
  forbidden: OCI_ERROR.DENIED,
  'not-found': OCI_ERROR.NAME_UNKNOWN,
  conflict: { status: KIND_STATUS.conflict, code: 'DENIED' },
  precondition: OCI_ERROR.POLICY_VIOLATION,
  'too-large': OCI_ERROR.SIZE_INVALID,
  'too-many': OCI_ERROR.TOO_MANY_REQUESTS,
  unavailable: OCI_ERROR.UNAVAILABLE,
  full: OCI_ERROR.STORAGE_FULL,
} as const satisfies Record<Exclude<ErrorKind, 'internal'>, OciErrorRow>;

function hasRow(code: string): code is OciErrorCode {
  return Object.hasOwn(OCI_ERROR, code);
}

function reply(row: OciErrorRow, message: string, detail: Readonly<Record<string, unknown>>): OciErrorReply {
  const wanted = detail['retryAfterSeconds'];
  return {
    status: row.status,
    body: render(row.code, message, detail),
    retryAfterSeconds: typeof wanted === 'number' ? Math.ceil(wanted) : (row.retryAfterSeconds ?? null),
  };
}

/** Whatever stands in `detail`, an answer comes out: there is nobody above to catch what this would throw. */
function render(code: SpecCode, message: string, detail: Readonly<Record<string, unknown>>): string {
  if (Object.keys(detail).length === 0) return JSON.stringify({ errors: [{ code, message }] });
  try {
    return JSON.stringify({ errors: [{ code, message, detail }] }, (_, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
  } catch {
    return JSON.stringify({ errors: [{ code, message }] });
  }
}
