import { expect } from '@jest/globals';
import type { Answer } from '../data-plane/http.js';

/** Error codes of the distribution spec, and the three of Docker's that have no fit in it. */
const CODES = new Set([
  ...['BLOB_UNKNOWN', 'BLOB_UPLOAD_INVALID', 'BLOB_UPLOAD_UNKNOWN', 'DIGEST_INVALID', 'MANIFEST_BLOB_UNKNOWN'],
  ...['MANIFEST_INVALID', 'MANIFEST_UNKNOWN', 'NAME_INVALID', 'NAME_UNKNOWN', 'SIZE_INVALID', 'UNAUTHORIZED'],
  ...['DENIED', 'UNSUPPORTED', 'TOOMANYREQUESTS'],
  ...['TAG_INVALID', 'RANGE_INVALID', 'PAGINATION_NUMBER_INVALID'],
]);

/** What holds for every answer below /v2/, whatever was asked. */
export function expectLawful(method: string, url: URL, answer: Answer): void {
  const { status, headers } = answer;
  expect(status).toBeLessThan(500);
  expect(headers['docker-distribution-api-version']).toBe('registry/2.0');
  // Clients check lengths and digests of the bytes on the wire.
  expect(headers['content-encoding']).toBeUndefined();
  if (method === 'HEAD') expect(answer.body).toHaveLength(0);
  if (status === 401) expect(headers['www-authenticate']).toMatch(/^Bearer realm="https?:\/\/[^"?]+",service="[^"]+"/);
  if (status >= 400 && method !== 'HEAD') expectError(answer);
  if (status < 300) expectLocation(url, answer);
}

function expectError(answer: Answer): void {
  expect(answer.headers['content-length']).toBe(String(answer.body.length));
  const { errors } = answer.json<{ errors: { code: string; message: string }[] }>();
  expect(errors.length).toBeGreaterThan(0);
  for (const { code, message } of errors) {
    expect(CODES).toContain(code);
    expect(message).toEqual(expect.any(String));
  }
}

/** Exactly one, on this host, below the repository: clients take the repository from it to choose a token. */
function expectLocation(url: URL, { headers, rawHeaders }: Answer): void {
  const { location } = headers;
  if (location === undefined) return;
  expect(rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'location')).toHaveLength(1);
  const resolved = new URL(location, url);
  expect(resolved.origin).toBe(url.origin);
  const [repository] = /^\/v2\/.+?\/(?=blobs\/|manifests\/)/.exec(url.pathname) ?? [''];
  expect(resolved.pathname.startsWith(repository)).toBe(true);
}
