import { randomUUID } from 'node:crypto';

const OBJECT_KEY = /^[a-z0-9]+(?:[/._-][a-z0-9]+)*$/;
const TAIL = '.tail/';

/**
 * A key for a new object: `blobs/<2 hex>/<uuid>`, of which the two digits spread objects over 256 folders.
 * Unique for all time: a key is recorded in a row before its first byte is written, and is never used again,
 * so a late write or delete of a dead process can never touch somebody else's bytes.
 */
export function newObjectKey(): string {
  const id = randomUUID();
  return `blobs/${id.slice(0, 2)}/${id}`;
}

/**
 * Keys come from our own rows; this keeps a damaged row from reaching outside of the storage.
 *
 * @throws TypeError  the text could not have come from `newObjectKey` or from `list`.
 */
export function assertObjectKey(key: string): void {
  if (key.length > 256 || !OBJECT_KEY.test(key)) throw new TypeError(`not an object key: ${JSON.stringify(key)}`);
}

/**
 * What `probe` writes and reads. Always the same object with the same content, and never deleted: any number of
 * processes may probe at once, one that dies in the middle leaves nothing that was not there, and where the volume is
 * full it is still written, for pulls go on there.
 */
export const PROBE_KEY = 'probe/object';
export const PROBE_CONTENT = 'written and read by the health check';

/** Where the S3 driver keeps the bytes of an unfinished upload that do not fill a part. One key per write. */
export function newTailKey(key: string): string {
  return `${tailPrefix(key)}${randomUUID()}`;
}

export function tailPrefix(key: string): string {
  return `${key}${TAIL}`;
}

/**
 * The key that a row knows, for a key that `list` found: a tail belongs to the upload it is the tail of.
 * An audit asks for the owner of this key.
 */
export function owningObjectKey(listedKey: string): string {
  const tail = listedKey.indexOf(TAIL);
  return tail < 0 ? listedKey : listedKey.slice(0, tail);
}
