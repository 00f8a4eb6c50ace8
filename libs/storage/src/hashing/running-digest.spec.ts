import { Digest } from '@breakwater/oci';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { Hasher } from './hasher.js';
import { LiveHashes } from './live-hashes.js';
import { RunningDigest, newRevision, type Hashing } from './running-digest.js';

const hasher = new Hasher({ threads: 1 });
afterAll(() => hasher.close());

describe('RunningDigest', () => {
  let hashing: Hashing;
  beforeEach(() => {
    hashing = { hasher, live: new LiveHashes(2) };
  });

  const startWith = async (text: string): Promise<RunningDigest> => {
    const running = RunningDigest.resume(hashing, null, 'sha256');
    await running.update(Buffer.from(text), text.length, 0);
    return running;
  };

  it('is found by the writer that resumes from the very state it was parked with', async () => {
    const recorded = { revision: newRevision(), sizeBytes: 3 };
    (await startWith('abc')).park(recorded);
    const running = RunningDigest.resume(hashing, recorded, 'sha256');
    await running.update(Buffer.from('abcdef'), 6, 0);
    expect(await running.find('sha256', 6)).toBe(sha256('abcdef'));
    expect(RunningDigest.resume(hashing, recorded, 'sha256').isLive).toBe(false);
  });

  it('is not found under another revision, nor for another algorithm', async () => {
    const recorded = { revision: newRevision(), sizeBytes: 3 };
    (await startWith('abc')).park(recorded);
    expect(RunningDigest.resume(hashing, { ...recorded, revision: newRevision() }, 'sha256').isLive).toBe(false);
    expect(RunningDigest.resume(hashing, recorded, 'sha512').isLive).toBe(false);
    expect(RunningDigest.resume(hashing, recorded, 'none').isLive).toBe(false);
    expect(RunningDigest.resume(hashing, recorded, 'sha256').isLive).toBe(true);
  });

  it('answers only for exactly what it has seen', async () => {
    const running = await startWith('abc');
    expect(await running.find('sha256', 2)).toBeNull();
    expect(await running.find('sha256', 4)).toBeNull();
    expect(await running.find('sha512', 3)).toBeNull();
    expect(await running.find('sha256', 3)).toBe(sha256('abc'));
  });

  it('ends at a gap', async () => {
    const running = await startWith('abc');
    await running.update(Buffer.from('ef'), 2, 4);
    expect(running.isLive).toBe(false);
  });

  it('ends when it has seen more than was kept', async () => {
    const running = await startWith('abc');
    running.rewind(3);
    expect(running.isLive).toBe(true);
    running.rewind(2);
    expect(running.isLive).toBe(false);
  });

  it('forgets the oldest beyond its bound', async () => {
    const states = ['a', 'b', 'c'].map((text) => ({ text, recorded: { revision: newRevision(), sizeBytes: 1 } }));
    for (const { text, recorded } of states) (await startWith(text)).park(recorded);
    expect(states.map(({ recorded }) => RunningDigest.resume(hashing, recorded, 'sha256').isLive)).toEqual([
      false,
      true,
      true,
    ]);
  });
});

function sha256(text: string): Digest {
  return Digest.of('sha256', createHash('sha256').update(text).digest('hex'));
}
