import { Digest } from '@breakwater/oci';
import { createHash } from 'node:crypto';
import { newObjectKey } from '../object-key.js';
import type { AppendLimits, BlobStore, ListedObject, WriteState } from '../blob-store.js';

/** What a driver brings to the suite. */
export interface StoreUnderTest {
  readonly store: BlobStore;
  /** Another store over the same bytes, as another replica of the app has it. */
  readonly replica: BlobStore;
  /** Where the driver's way of storing changes: the size of a part, or of a buffer. */
  readonly unitBytes: number;
  stop(): Promise<void>;
}

const NOISE_BYTES = 1_048_573;
const noise = createNoise();

/** Bytes that look random, differ from place to place, and are the same each time. */
export function bytesOf(sizeBytes: number, start = 0): Buffer {
  const bytes = Buffer.allocUnsafe(sizeBytes);
  let done = 0;
  while (done < sizeBytes) {
    const from = (start + done) % NOISE_BYTES;
    done += noise.copy(bytes, done, from, from + sizeBytes - done);
  }
  return bytes;
}

/** The same bytes in chunks as they come from a socket, of many sizes. */
export async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  let chunkBytes = 1;
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    chunkBytes = Math.min(65_536, chunkBytes * 3 + 1);
    yield bytes.subarray(start, Math.min(start + chunkBytes, bytes.length));
  }
}

/** A client that goes away after these bytes. */
export async function* brokenAfter(bytes: Buffer): AsyncGenerator<Buffer> {
  yield* chunksOf(bytes);
  throw new Error('connection reset');
}

export function sha256(bytes: Buffer): Digest {
  return Digest.of('sha256', createHash('sha256').update(bytes).digest('hex'));
}

/** One request: resumes, appends, records. @returns what the caller's row would hold. */
export async function append(
  store: BlobStore,
  key: string,
  state: WriteState | null,
  bytes: Buffer,
  limits?: AppendLimits,
): Promise<WriteState> {
  const writer = await store.openWriter(key, state, { hash: 'sha256' });
  try {
    await writer.append(chunksOf(bytes), limits);
    return recorded(writer.state());
  } finally {
    await writer.close();
  }
}

/** As a row gives it back: through JSON. */
export function recorded(state: WriteState): WriteState {
  return JSON.parse(JSON.stringify(state)) as WriteState;
}

/** The last request. @returns the digest of the finished object. */
export async function finish(store: BlobStore, key: string, state: WriteState | null): Promise<Digest> {
  const writer = await store.openWriter(key, state, { hash: 'sha256' });
  try {
    const digest = await writer.digest('sha256');
    await writer.complete();
    return digest;
  } finally {
    await writer.close();
  }
}

/** A finished object. @returns its key. */
export async function anObject(store: BlobStore, bytes: Buffer, key = newObjectKey()): Promise<string> {
  const writer = await store.openWriter(key, null, { hash: 'sha256', expectedSizeBytes: bytes.length });
  try {
    await writer.append(chunksOf(bytes), { isLast: true });
    await writer.complete();
    return key;
  } finally {
    await writer.close();
  }
}

export async function contentOf(store: BlobStore, key: string): Promise<Buffer> {
  const reader = await store.read(key);
  const chunks: Buffer[] = [];
  for await (const chunk of reader.stream() as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function listed(store: BlobStore, prefix: string, after?: string): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  for await (const page of store.list(prefix, after)) objects.push(...page);
  return objects;
}

export async function keysBelow(store: BlobStore, prefix: string, after?: string): Promise<string[]> {
  return (await listed(store, prefix, after)).map((object) => object.key);
}

/** Not `toEqual`: on megabytes it takes seconds to say what is different. */
export function firstDifference(actual: Buffer, expected: Buffer): string | null {
  if (actual.equals(expected)) return null;
  if (actual.length !== expected.length) return `${actual.length} bytes instead of ${expected.length}`;
  return `byte ${actual.findIndex((byte, index) => byte !== expected[index])}`;
}

function createNoise(): Buffer {
  const bytes = Buffer.allocUnsafe(NOISE_BYTES);
  let state = 2_463_534_242;
  for (let index = 0; index < NOISE_BYTES; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state & 0xff;
  }
  return bytes;
}
