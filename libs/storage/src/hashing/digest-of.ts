import { AppError } from '@breakwater/errors';
import { Digest, type DigestAlgorithm } from '@breakwater/oci';
import type { Readable } from 'node:stream';
import type { BufferPool } from '../buffers/buffer-pool.js';
import { LARGE_BUFFER_BYTES } from '../buffers/buffer-sizes.js';
import { consume } from '../buffers/consume.js';
import { Gatherer } from '../buffers/gatherer.js';
import { StorageUnavailableError } from '../storage.errors.js';
import type { Hasher } from './hasher.js';

/** Digest of all that `source`, a reader's own stream, gives, hashed beside the reading. @throws what the source fails with. */
export async function digestOf(
  source: Readable,
  algorithm: DigestAlgorithm,
  { hasher, pool }: { readonly hasher: Hasher; readonly pool: BufferPool },
): Promise<Digest> {
  const session = hasher.open(algorithm);
  const gatherer = new Gatherer({
    pool,
    unitBytes: LARGE_BUFFER_BYTES,
    maxInFlight: 2,
    isDividable: true,
    handOver: (memory, lengthBytes) => session.update(memory, 0, lengthBytes),
  });
  try {
    const { ending, cause } = await consume(source, (chunk) => gatherer.accept(chunk), { ownsChunks: true });
    await gatherer.flush();
    if (ending !== 'complete') throw cause instanceof AppError ? cause : new StorageUnavailableError(cause ?? ending);
    const hex = await session.digest();
    if (hex === null) throw new StorageUnavailableError('the hash thread died');
    return Digest.of(algorithm, hex);
  } finally {
    session.drop();
    source.destroy();
  }
}
