import { describe, expect, it } from '@jest/globals';
import { filesystemError } from './filesystem/filesystem-errors.js';
import { s3Error } from './s3/s3-errors.js';
import { ObjectTruncatedError } from './storage.errors.js';

const system = (code: string): Error => Object.assign(new Error(code), { code });
const service = (name: string, httpStatusCode?: number): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

describe('filesystemError', () => {
  it.each([
    ['ENOSPC', 'STORAGE_FULL', 'full'],
    ['EDQUOT', 'STORAGE_FULL', 'full'],
    ['ENOENT', 'OBJECT_MISSING', 'not-found'],
    ['EIO', 'UNAVAILABLE', 'unavailable'],
    ['EROFS', 'UNAVAILABLE', 'unavailable'],
    ['EMFILE', 'UNAVAILABLE', 'unavailable'],
    ['ESTALE', 'UNAVAILABLE', 'unavailable'],
  ])('%s is %s', (code, expected, kind) => {
    const cause = system(code);
    expect(filesystemError(cause, 'k')).toMatchObject({ code: expected, kind, cause });
  });
});

describe('s3Error', () => {
  it.each([
    [service('NoSuchKey', 404), 'OBJECT_MISSING', 'not-found'],
    [service('NotFound', 404), 'OBJECT_MISSING', 'not-found'],
    [service('NoSuchUpload', 404), 'OBJECT_MISSING', 'not-found'],
    [service('NoSuchBucket', 404), 'UNAVAILABLE', 'unavailable'],
    [service('QuotaExceeded', 403), 'STORAGE_FULL', 'full'],
    [service('XMinioStorageFull', 507), 'STORAGE_FULL', 'full'],
    [service('Unknown', 507), 'STORAGE_FULL', 'full'],
    [service('AccessDenied', 403), 'UNAVAILABLE', 'unavailable'],
    [service('SlowDown', 503), 'UNAVAILABLE', 'unavailable'],
    [system('ECONNREFUSED'), 'UNAVAILABLE', 'unavailable'],
  ])('%s is %s', (cause, code, kind) => {
    expect(s3Error(cause, 'k')).toMatchObject({ code, kind, cause });
  });
});

it('leaves our own errors and callers’ mistakes as they are', () => {
  for (const error of [new ObjectTruncatedError('k', 2, 1), new TypeError('not an object key')]) {
    expect(filesystemError(error, 'k')).toBe(error);
    expect(s3Error(error, 'k')).toBe(error);
  }
});
