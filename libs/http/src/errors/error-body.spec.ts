import { describe, expect, it } from '@jest/globals';
import { BadRequestException, HttpException, ServiceUnavailableException } from '@nestjs/common';
import { AppError, KIND_STATUS, type ErrorKind } from '@breakwater/errors';
import { answerTo } from './error-body.js';
import { codeOfStatus, HARBOR_ERROR, harborCodeOf } from './harbor-error.js';
import { MethodNotAllowedError, ValidationFailedError } from './http.errors.js';

class AnyError extends AppError {
  constructor(
    readonly kind: ErrorKind,
    readonly code = 'ANY',
    detail = {},
  ) {
    super('the message', detail, { cause: new Error('the cause') });
  }
}

const bodyOf = (error: unknown) => (JSON.parse(answerTo(error).body) as { errors: object[] }).errors[0];

describe('the table of errors', () => {
  it('gives every kind the status that it has everywhere', () => {
    for (const [kind, status] of Object.entries(KIND_STATUS) as [ErrorKind, number][]) {
      expect([kind, HARBOR_ERROR[harborCodeOf(new AnyError(kind))]]).toEqual([kind, status]);
    }
  });

  it("prefers the app's rows, then the rows for codes, then the kind", () => {
    expect(harborCodeOf(new AnyError('forbidden', 'STORAGE_LIMIT_EXCEEDED'))).toBe('DENIED');
    expect(
      harborCodeOf(new AnyError('forbidden', 'STORAGE_LIMIT_EXCEEDED'), { STORAGE_LIMIT_EXCEEDED: 'CONFLICT' }),
    ).toBe('CONFLICT');
    expect(harborCodeOf(new AnyError('forbidden', 'constructor'), {})).toBe('FORBIDDEN');
  });

  it.each([
    [404, 'NOT_FOUND'],
    [405, 'METHOD_NOT_ALLOWED'],
    [413, 'REQUEST_ENTITY_TOO_LARGE'],
    [414, 'URI_TOO_LONG'],
    [418, 'I_M_A_TEAPOT'],
    [429, 'TOO_MANY_REQUEST'],
    [799, 'UNKNOWN'],
  ])('names the status %p of the framework %s', (status, code) => expect(codeOfStatus(status)).toBe(code));
});

describe('answerTo', () => {
  it('tells the message below 500 and never the cause', () => {
    expect(bodyOf(new AnyError('conflict'))).toEqual({ code: 'CONFLICT', message: 'the message' });
    expect(answerTo(new AnyError('conflict')).isOurs).toBe(false);
  });

  it.each(['internal', 'unavailable', 'full'] as const)('masks the message of %s', (kind) => {
    const answer = answerTo(new AnyError(kind));
    expect(answer.body).not.toMatch(/the message|the cause/);
    expect(answer.isOurs).toBe(true);
  });

  it('sends Retry-After where the error knows when, and always with 503', () => {
    expect(answerTo(new AnyError('too-many', 'ANY', { retryAfterSeconds: 1.2 })).headers).toEqual({
      'Retry-After': '2',
    });
    expect(answerTo(new AnyError('too-many')).headers).toEqual({});
    expect(answerTo(new AnyError('unavailable')).headers).toEqual({ 'Retry-After': '5' });
    expect(answerTo(new ServiceUnavailableException()).headers).toEqual({ 'Retry-After': '5' });
  });

  it('lists the verbs that a path takes', () => {
    expect(answerTo(new MethodNotAllowedError(['GET', 'POST']))).toMatchObject({
      status: 405,
      headers: { Allow: 'GET, POST' },
    });
  });

  it('takes errors of the framework by their status', () => {
    expect(bodyOf(new BadRequestException('no'))).toEqual({ code: 'BAD_REQUEST', message: 'no' });
    expect(answerTo(new HttpException('type', 415))).toMatchObject({ status: 422 });
    expect(bodyOf(new HttpException('secret', 502))).toEqual({ code: 'UNKNOWN', message: 'internal server error' });
  });

  it('writes validation failures line by line', () => {
    expect(bodyOf(new ValidationFailedError(['a in body is required', 'b in query must be an integer']))).toEqual({
      code: 'UNPROCESSABLE_ENTITY',
      message: 'validation failure list:\na in body is required\nb in query must be an integer',
    });
  });

  it.each([undefined, null, 'text', 7, new Error('x'), { statusCode: 404, code: 'FST_X' }])('masks %p', (thrown) => {
    expect(answerTo(thrown)).toMatchObject({ status: 500, isOurs: true });
  });
});
