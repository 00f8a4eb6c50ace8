import { STATUS_CODES } from 'node:http';
import { KIND_STATUS, type AppError, type ErrorKind } from '@breakwater/errors';

/** Every `errors[].code` that the REST API sends, and the status that goes with it. Closed. */
export const HARBOR_ERROR = {
  BAD_REQUEST: 400,
  DIGEST_INVALID: 400,
  MANIFEST_INVALID: 400,
  UNSUPPORTED: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  DENIED: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  PRECONDITION: 412,
  VIOLATE_FOREIGN_KEY_CONSTRAINT: 412,
  PROJECTPOLICYVIOLATION: 412,
  REQUEST_ENTITY_TOO_LARGE: 413,
  UNPROCESSABLE_ENTITY: 422,
  TOO_MANY_REQUEST: 429,
  UNKNOWN: 500,
  /** Ours: Harbor answers UNKNOWN. A client may try again after `Retry-After`. */
  SERVICE_UNAVAILABLE: 503,
  /** Ours: the storage is full. */
  INSUFFICIENT_STORAGE: 507,
} as const;

export type HarborErrorCode = keyof typeof HARBOR_ERROR;

/** Our code → Harbor's, for errors whose kind says too little. An app adds the rows of the modules that it serves. */
export type HarborCodes = Readonly<Record<string, HarborErrorCode>>;

/** @param codes  the app's own rows; they win over the ones of this table. */
export function harborCodeOf(error: AppError, codes: HarborCodes = {}): HarborErrorCode {
  if (Object.hasOwn(codes, error.code)) return codes[error.code] ?? 'UNKNOWN';
  return BY_CODE.get(error.code) ?? BY_KIND[error.kind];
}

/** For errors of the framework, which have a status only: its code, or its text in capitals as Harbor does it. */
export function codeOfStatus(status: number): string {
  return BY_STATUS.get(status) ?? (STATUS_CODES[status] ?? 'UNKNOWN').toUpperCase().replace(/[^A-Z]+/g, '_');
}

/** Rows of the libs that every app has. */
const BY_CODE: ReadonlyMap<string, HarborErrorCode> = new Map([
  ['VALIDATION_FAILED', 'UNPROCESSABLE_ENTITY'],
  ['METHOD_NOT_ALLOWED', 'METHOD_NOT_ALLOWED'],
  ['DIGEST_INVALID', 'DIGEST_INVALID'],
  ['UNSUPPORTED_DIGEST_ALGORITHM', 'DIGEST_INVALID'],
  ['MANIFEST_INVALID', 'MANIFEST_INVALID'],
  ['STORAGE_LIMIT_EXCEEDED', 'DENIED'],
  ['VIOLATE_FOREIGN_KEY_CONSTRAINT', 'VIOLATE_FOREIGN_KEY_CONSTRAINT'],
  ['ARTIFACT_REFERENCED', 'VIOLATE_FOREIGN_KEY_CONSTRAINT'],
]);

const BY_KIND = {
  invalid: 'BAD_REQUEST',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  'not-found': 'NOT_FOUND',
  conflict: 'CONFLICT',
  precondition: 'PRECONDITION',
  'too-large': 'REQUEST_ENTITY_TOO_LARGE',
  'too-many': 'TOO_MANY_REQUEST',
  unavailable: 'SERVICE_UNAVAILABLE',
  full: 'INSUFFICIENT_STORAGE',
  internal: 'UNKNOWN',
} as const satisfies Record<ErrorKind, HarborErrorCode>;

const BY_STATUS: ReadonlyMap<number, string> = new Map<number, string>([
  ...(Object.entries(BY_KIND) as [ErrorKind, HarborErrorCode][]).map(([kind, code]): [number, string] => [
    KIND_STATUS[kind],
    code,
  ]),
  [405, 'METHOD_NOT_ALLOWED'],
  [422, 'UNPROCESSABLE_ENTITY'],
]);
