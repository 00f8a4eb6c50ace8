import { describe, expect, it } from '@jest/globals';
import { DEFAULT_HASHING, PasswordHasher } from './password-hasher.js';

const QUICK = { ...DEFAULT_HASHING, memoryKib: 64, passes: 1 };

describe('PasswordHasher', () => {
  it('makes argon2id hashes with the parameters that OWASP asks for at least, and never the same twice', async () => {
    const hasher = new PasswordHasher();
    const [first, second] = await Promise.all([hasher.hash('Secret-1'), hasher.hash('Secret-1')]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(second).not.toBe(first);
    expect(await hasher.verify(first, 'Secret-1')).toBe(true);
    expect(await hasher.verify(first, 'secret-1')).toBe(false);
  });

  it('works as often where there is no account, and lets nobody in', async () => {
    const hasher = new PasswordHasher(QUICK);
    const stored = await hasher.hash('Secret-1');
    expect(hasher.verifications).toBe(0);
    expect(await hasher.verify(stored, 'wrong')).toBe(false);
    expect(hasher.verifications).toBe(1);
    expect(await hasher.verify(null, 'Secret-1')).toBe(false);
    expect(hasher.verifications).toBe(2);
  });

  it.each([
    [{ memoryKib: 128 }, true],
    [{ passes: 2 }, true],
    [{}, false],
  ])('finds a hash outdated after a change of %j: %s', async (raised, isOutdated) => {
    const stored = await new PasswordHasher(QUICK).hash('Secret-1');
    expect(new PasswordHasher({ ...QUICK, ...raised }).isOutdated(stored)).toBe(isOutdated);
  });

  it('does not weaken a hash that was made with more', async () => {
    const stored = await new PasswordHasher({ ...QUICK, memoryKib: 256 }).hash('Secret-1');
    expect(new PasswordHasher(QUICK).isOutdated(stored)).toBe(false);
  });

  it('refuses what it cannot serve soon', async () => {
    const hasher = new PasswordHasher({ ...QUICK, concurrency: 1, maxWaiting: 1 });
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((password) => hasher.verify(null, password)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(outcomes[2]).toMatchObject({ reason: { code: 'UNAVAILABLE', kind: 'unavailable' } });
    expect(hasher.verifications).toBe(2);
  });
});
