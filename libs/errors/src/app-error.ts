/**
 * What went wrong, in one word that every protocol can translate:
 * Harbor's REST body, the OCI body and a job's "retry or give up" each have one table keyed by `code`,
 * and fall back on `kind` (see `KIND_STATUS`).
 */
export type ErrorKind =
  /** The request itself is wrong: the same request will never succeed. */
  | 'invalid'
  /** Nobody is signed in, or the credentials are wrong. */
  | 'unauthenticated'
  /** Signed in, but may not. */
  | 'forbidden'
  | 'not-found'
  /** Collides with something that exists. */
  | 'conflict'
  /** A rule of the project or of the system forbids it in the present state. */
  | 'precondition'
  | 'too-large'
  | 'too-many'
  /** A dependency (database, broker, storage) does not answer now; trying again may help. */
  | 'unavailable'
  /** No room left on the storage. */
  | 'full'
  /** Our own mistake. Never thrown on purpose by a rule. */
  | 'internal';

/**
 * The one error shape that domain code and services throw.
 *
 * `code` is stable and upper-case; `detail` is safe to show to the caller (never a secret, never an internal path);
 * `cause` is for the log only.
 */
export abstract class AppError extends Error {
  abstract readonly code: string;
  abstract readonly kind: ErrorKind;

  constructor(
    message: string,
    readonly detail: Readonly<Record<string, unknown>> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** HTTP status of each kind, for protocols whose table has no closer row. */
export const KIND_STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  precondition: 412,
  'too-large': 413,
  'too-many': 429,
  unavailable: 503,
  full: 507,
  internal: 500,
} as const satisfies Record<ErrorKind, number>;
