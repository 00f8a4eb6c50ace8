import type { ByteRange } from '@breakwater/oci';
import { newTailKey } from '../object-key.js';
import { ObjectMissingError, ObjectTruncatedError } from '../storage.errors.js';
import type { S3Bucket } from './s3-bucket.js';
import { S3Reader } from './s3-reader.js';
import { newS3State, partsBytesOf, withParts, withTail, type S3State, type S3Tail } from './s3-state.js';

const AT_ONCE = 4;

/**
 * Copies an unfinished upload within S3. Nobody can read parts before they are completed, so the old upload is
 * completed as it stands: from then on its dead writer, should it still live, has no upload to add a part to.
 * A fork that was cut short may be begun again.
 */
export async function forkUpload(bucket: S3Bucket, from: Fork, newKey: string): Promise<S3State> {
  const { state } = from;
  const partCount = state.isComplete ? Math.floor(state.sizeBytes / state.partSizeBytes) : state.parts.length;
  const parts = await forkParts(bucket, from, newKey, partCount);
  const tail = { key: newTailKey(newKey), sizeBytes: state.sizeBytes - partCount * state.partSizeBytes };
  if (tail.sizeBytes > 0) await forkTail(bucket, from, tail);
  // The same content, hence the same revision.
  return { ...(tail.sizeBytes > 0 ? withTail(parts, tail) : parts), revision: state.revision };
}

interface Fork {
  readonly key: string;
  readonly state: S3State;
}

async function forkParts(bucket: S3Bucket, { key, state }: Fork, newKey: string, count: number): Promise<S3State> {
  const fresh = newS3State(state.partSizeBytes);
  if (count === 0) return fresh;
  if (state.uploadId !== null) await completeAsItStands(bucket, key, state.uploadId, state);
  const uploadId = await bucket.createUpload(newKey);
  const etags: string[] = [];
  while (etags.length < count) {
    const first = etags.length;
    const group = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, index) => first + index);
    const copies = group.map((index) => {
      const start = index * state.partSizeBytes;
      return bucket.copyPart(newKey, uploadId, index + 1, key, { start, end: start + state.partSizeBytes });
    });
    etags.push(...(await Promise.all(copies)));
  }
  return withParts(fresh, uploadId, etags);
}

async function forkTail(bucket: S3Bucket, { key, state }: Fork, tail: S3Tail): Promise<void> {
  const range = { start: state.sizeBytes - tail.sizeBytes, end: state.sizeBytes };
  if (!state.tail) return copyRange(bucket, key, range, tail.key);
  try {
    await bucket.copy(state.tail.key, tail.key);
  } catch (error) {
    if (!(error instanceof ObjectMissingError)) throw error;
    // The writer had come as far as completing the whole object, which removed the tail, and was not able to say so.
    await copyRange(bucket, key, range, tail.key);
  }
}

async function completeAsItStands(bucket: S3Bucket, key: string, uploadId: string, state: S3State): Promise<void> {
  try {
    await bucket.completeUpload(key, uploadId, state.parts);
  } catch (error) {
    if (!(error instanceof ObjectMissingError)) throw error;
    // Completed before: by a fork that was cut short, or by the writer, who then may have had more.
    const sizeBytes = await bucket.getSize(key);
    if (sizeBytes < partsBytesOf(state)) throw new ObjectTruncatedError(key, partsBytesOf(state), sizeBytes);
  }
}

/** S3 copies ranges into parts only, so these few bytes, less than a part, pass through here. */
async function copyRange(bucket: S3Bucket, from: string, range: ByteRange, to: string): Promise<void> {
  const reader = await S3Reader.open(bucket, from, range);
  const bytes: Buffer[] = [];
  for await (const chunk of reader.stream() as AsyncIterable<Buffer>) bytes.push(chunk);
  await bucket.put(to, Buffer.concat(bytes));
}
