import { afterAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { Hasher, type HashSession } from './hasher.js';

const hasher = new Hasher({ threads: 2 });
afterAll(() => hasher.close());

describe('Hasher', () => {
  it.each(['sha256', 'sha512'] as const)('hashes %s whatever the sizes, inline and on a thread', async (algorithm) => {
    for (const sizes of [[], [0], [10], [65_536], [65_537], [10, 65_536, 1], [1_000_000, 5, 2_000_000]]) {
      const session = hasher.open(algorithm);
      const expected = createHash(algorithm);
      for (const sizeBytes of sizes) {
        const bytes = randomBytes(sizeBytes);
        expected.update(bytes);
        await update(session, bytes);
        expect(await session.digest()).toBe(expected.copy().digest('hex'));
      }
      expect(await session.digest()).toBe(expected.digest('hex'));
      expect(session.hashedBytes).toBe(sizes.reduce((sum: number, sizeBytes) => sum + sizeBytes, 0));
      session.drop();
    }
  });

  it('keeps the order of updates that nobody waited for, and gives all memory back', async () => {
    const session = hasher.open('sha256');
    const parts = Array.from({ length: 20 }, () => randomBytes(100_000));
    const updates = parts.map((part) => update(session, part));
    expect(await session.digest()).toBe(createHash('sha256').update(Buffer.concat(parts)).digest('hex'));
    for (const [index, memory] of (await Promise.all(updates)).entries()) {
      expect(memory.equals(parts[index] ?? Buffer.alloc(0))).toBe(true);
    }
    session.drop();
  });

  it('hashes a stretch of the memory only', async () => {
    const bytes = Buffer.allocUnsafeSlow(200_000).fill('breakwater');
    const expected = createHash('sha256').update(bytes.subarray(7, 150_000)).digest('hex');
    const session = hasher.open('sha256');
    await session.update(bytes, 7, 150_000);
    expect(await session.digest()).toBe(expected);
    session.drop();
  });

  it('keeps many sessions apart', async () => {
    const contents = Array.from({ length: 12 }, () => randomBytes(300_000));
    const digests = contents.map(async (bytes) => {
      const session = hasher.open('sha256');
      await update(session, bytes.subarray(0, 100_000));
      await update(session, bytes.subarray(100_000));
      const digest = await session.digest();
      session.drop();
      return digest;
    });
    expect(await Promise.all(digests)).toEqual(
      contents.map((bytes) => createHash('sha256').update(bytes).digest('hex')),
    );
  });

  it('admits to have lost a hash whose thread died, and gives memory for what died with it', async () => {
    const mortal = new Hasher({ threads: 1 });
    const session = mortal.open('sha256');
    const updates = Array.from({ length: 5 }, () => update(session, randomBytes(1_000_000)));
    await mortal.close();
    expect((await Promise.all(updates)).map((memory) => memory.length)).toEqual(Array(5).fill(1_000_000));
    expect(await session.digest()).toBeNull();
    expect(session.isLost).toBe(true);

    const next = mortal.open('sha256');
    await update(next, Buffer.alloc(100_000));
    expect(await next.digest()).toBe(createHash('sha256').update(Buffer.alloc(100_000)).digest('hex'));
    await mortal.close();
  });
});

/** In memory of its own, as what is moved to a thread must be. */
function update(session: HashSession, bytes: Buffer): Promise<Buffer> {
  const memory = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(memory);
  return session.update(memory, 0, bytes.length);
}
