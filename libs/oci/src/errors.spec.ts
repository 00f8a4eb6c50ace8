import { describe, expect, it } from '@jest/globals';
import { AppError, type ErrorKind } from '@breakwater/errors';
import { InvalidDigestError } from './digest.js';
import { RangeOutOfOrderError } from './content-range.js';
import { OCI_ERROR, ociErrorOf } from './errors.js';
import { InvalidManifestError, MAX_MANIFEST_BYTES, ManifestTooLargeError } from './manifest/manifest-errors.js';

class AnyError extends AppError {
  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    detail: Record<string, unknown> = {},
    options?: { cause?: unknown },
  ) {
    super('as said', detail, options);
  }
}

const first = (body: string): Record<string, unknown> =>
  (JSON.parse(body) as { errors: Record<string, unknown>[] }).errors[0] ?? {};

/** The list of the distribution spec, and the four of docker's that we use where it has no word. */
const SPEC_CODES = [
  ...['BLOB_UNKNOWN', 'BLOB_UPLOAD_INVALID', 'BLOB_UPLOAD_UNKNOWN', 'DIGEST_INVALID', 'MANIFEST_BLOB_UNKNOWN'],
  ...['MANIFEST_INVALID', 'MANIFEST_UNKNOWN', 'NAME_INVALID', 'NAME_UNKNOWN', 'SIZE_INVALID', 'UNAUTHORIZED'],
  ...['DENIED', 'UNSUPPORTED', 'TOOMANYREQUESTS', 'TAG_INVALID', 'PAGINATION_NUMBER_INVALID', 'UNAVAILABLE', 'UNKNOWN'],
  'PROJECTPOLICYVIOLATION',
];

describe('OCI_ERROR', () => {
  it('puts only known codes on the wire', () => {
    expect(Object.values(OCI_ERROR).filter((row) => !SPEC_CODES.includes(row.code))).toEqual([]);
  });

  it('uses statuses that mean an error, and tells how long to wait wherever it says too many', () => {
    for (const row of Object.values(OCI_ERROR)) {
      expect(row.status).toBeGreaterThanOrEqual(400);
      if (row.status === 429) expect(row).toHaveProperty('retryAfterSeconds');
    }
  });
});

describe('ociErrorOf', () => {
  it('renders the body of the spec', () => {
    expect(ociErrorOf(new InvalidManifestError('layers[2].digest', 'is not a string'))).toEqual({
      status: 400,
      body: JSON.stringify({
        errors: [
          {
            code: 'MANIFEST_INVALID',
            message: 'layers[2].digest: is not a string',
            detail: { at: 'layers[2].digest', problem: 'is not a string' },
          },
        ],
      }),
      retryAfterSeconds: null,
    });
  });

  it.each<[AppError, number, string]>([
    [new InvalidDigestError('sha256:baddigeststring'), 400, 'DIGEST_INVALID'],
    [new ManifestTooLargeError(MAX_MANIFEST_BYTES + 1), 413, 'SIZE_INVALID'],
    [new RangeOutOfOrderError(10, 20), 416, 'BLOB_UPLOAD_INVALID'],
    [new AnyError('UPLOAD_UNKNOWN', 'not-found'), 404, 'BLOB_UPLOAD_UNKNOWN'],
    [new AnyError('UPLOAD_BUSY', 'conflict'), 429, 'TOOMANYREQUESTS'],
    [new AnyError('DIGEST_MISMATCH', 'invalid'), 400, 'DIGEST_INVALID'],
    [new AnyError('BLOB_REFERENCED', 'precondition'), 405, 'UNSUPPORTED'],
    [new AnyError('ARTIFACT_REFERENCED', 'precondition'), 412, 'DENIED'],
    [new AnyError('PULL_PREVENTED', 'precondition'), 412, 'PROJECTPOLICYVIOLATION'],
    [new AnyError('STORAGE_FULL', 'full'), 507, 'UNKNOWN'],
    [new AnyError('SOMETHING_NEW', 'invalid'), 400, 'UNSUPPORTED'],
    [new AnyError('SOMETHING_NEW', 'forbidden'), 403, 'DENIED'],
    [new AnyError('SOMETHING_NEW', 'not-found'), 404, 'NAME_UNKNOWN'],
    [new AnyError('SOMETHING_NEW', 'conflict'), 409, 'DENIED'],
    [new AnyError('SOMETHING_NEW', 'unavailable'), 503, 'UNAVAILABLE'],
    [new AnyError('toString', 'not-found'), 404, 'NAME_UNKNOWN'],
  ])('answers %s (%#)', (error, status, code) => {
    const answer = ociErrorOf(error);
    expect([answer.status, first(answer.body)['code']]).toEqual([status, code]);
  });

  it.each([
    ['an error of Node', new Error('connect ECONNREFUSED 10.0.0.7:5432')],
    ['an error of ours that is our own mistake', new AnyError('BROKEN', 'internal', { table: 'blob' })],
    ['what is no error', 'secret'],
    ['nothing', undefined],
  ])('says nothing of the inside: %s', (_, error) => {
    expect(ociErrorOf(error, 'r-1')).toEqual({
      status: 500,
      body: '{"errors":[{"code":"UNKNOWN","message":"internal error","detail":{"requestId":"r-1"}}]}',
      retryAfterSeconds: null,
    });
  });

  it('keeps the cause to itself', () => {
    const error = new AnyError('UNAVAILABLE', 'unavailable', {}, { cause: new Error('password=hunter2') });
    expect(ociErrorOf(error).body).not.toContain('hunter2');
  });

  it('tells how long to wait, the error’s own word first', () => {
    expect(ociErrorOf(new AnyError('UNAVAILABLE', 'unavailable')).retryAfterSeconds).toBe(5);
    expect(
      ociErrorOf(new AnyError('TOO_MANY_REQUESTS', 'too-many', { retryAfterSeconds: 0.4 })).retryAfterSeconds,
    ).toBe(1);
  });

  it('answers even when the detail cannot be written as JSON', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(first(ociErrorOf(new AnyError('DENIED', 'forbidden', loop)).body)).toEqual({
      code: 'DENIED',
      message: 'as said',
    });
    const big = new AnyError('QUOTA_EXCEEDED', 'forbidden', { limitBytes: 2n ** 60n });
    expect(first(ociErrorOf(big).body)['detail']).toEqual({ limitBytes: '1152921504606846976' });
  });
});
