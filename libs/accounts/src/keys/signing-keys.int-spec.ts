import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ANONYMOUS } from '@breakwater/rbac';
import { eventually } from '@breakwater/testing';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { createTestWorld, type Instance, type TestWorld } from '../testing/test-accounts.js';

describe('SigningKeys', () => {
  let world: TestWorld;
  let one: Instance;
  let other: Instance;

  beforeAll(async () => {
    world = await createTestWorld();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    [one, other] = await Promise.all([world.open(), world.open()]);
  });
  afterEach(() => world.database.rows('DELETE FROM signing_key'));

  const aToken = async (instance: Instance) => (await instance.tokenIssuer.issue(ANONYMOUS, [], {})).token;
  const kids = async (instance: Instance) => (await instance.signingKeys.publicKeys()).keys.map(({ kid }) => kid);
  const isGood = async (instance: Instance, token: string) =>
    instance.authenticator.byToken(token).then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'INVALID_TOKEN' });
        return false;
      },
    );

  it('are one key for all replicas, however many make the first one at once', async () => {
    const replicas = await Promise.all(Array.from({ length: 4 }, () => world.open()));
    const made = await Promise.all(replicas.map((replica) => replica.signingKeys.current()));
    expect(new Set(made.map(({ kid }) => kid)).size).toBe(1);
    expect(await kids(one)).toEqual([made[0]?.kid]);
    expect(replicas.flatMap(({ notices }) => notices)).toEqual(['keys']);
    expect(await isGood(replicas[3] as Instance, await aToken(replicas[0] as Instance))).toBe(true);
  });

  it('are published as a key set that any verifier takes, without the private part', async () => {
    const token = await aToken(one);
    const published = await other.signingKeys.publicKeys();
    expect(published.keys).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        alg: 'ES256',
        use: 'sig',
        kid: expect.any(String),
        x: expect.any(String),
        y: expect.any(String),
      },
    ]);
    const { payload } = await jwtVerify(token, createLocalJWKSet(published), {
      audience: 'harbor-registry',
      currentDate: one.clock.now(),
    });
    expect(payload.iss).toBe('breakwater-token-issuer');
    const rows = await world.database.rows<{ privateKey: string }>(
      'SELECT private_key AS "privateKey" FROM signing_key',
    );
    expect(rows[0]?.privateKey).toMatch(/^one:/); // sealed
  });

  it('go over to a new key while tokens of the old one live on', async () => {
    const old = await aToken(one);
    await isGood(other, old);
    const before = (await one.signingKeys.current()).kid;
    const kid = await one.signingKeys.rotate();
    expect(kid).not.toBe(before);
    expect(one.notices.at(-1)).toBe('keys');
    const young = await aToken(one);
    // The other replica has heard nothing: it finds the new key by itself, and goes on signing with the old one.
    expect([await isGood(other, old), await isGood(other, young), await isGood(one, await aToken(other))]).toEqual([
      true,
      true,
      true,
    ]);
    other.onNotice.signingKeysChanged();
    expect((await other.signingKeys.current()).kid).toBe(kid);
    expect(await kids(other)).toEqual([kid, before]);
    expect([await isGood(other, old), await isGood(one, old)]).toEqual([true, true]);
    const rows = await world.database.rows('SELECT kid FROM signing_key WHERE private_key IS NOT NULL');
    expect(rows).toEqual([{ kid }]); // nobody can sign with the old one any more
  });

  it('notice a rotation within a minute when its notice is lost', async () => {
    await other.signingKeys.current();
    const kid = await one.signingKeys.rotate();
    expect((await other.signingKeys.current()).kid).not.toBe(kid);
    other.clock.advance(60_000);
    expect((await other.signingKeys.current()).kid).toBe(kid);
  });

  it('stop believing a retired key once the last of its tokens has ended', async () => {
    const old = (await one.signingKeys.current()).kid;
    await one.signingKeys.rotate();
    expect(await one.signingKeys.find(old)).not.toBeNull();
    one.clock.advance((1800 + 60) * 1000);
    expect(await one.signingKeys.find(old)).not.toBeNull();
    one.clock.advance(180_000);
    expect(await one.signingKeys.find(old)).toBeNull();
    await world.database.rows(`UPDATE signing_key SET verify_until = now() WHERE kid = $1`, [old]);
    one.onNotice.signingKeysChanged();
    expect(await kids(one)).not.toContain(old);
  });

  it('rotate once when several replicas do it at the same moment', async () => {
    const before = (await one.signingKeys.current()).kid;
    // Both have seen the same key before either retires it.
    const [locked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = world.database.unitOfWork.run(async (tx) => {
      await tx.rows('SELECT 1 FROM signing_key FOR UPDATE');
      locked.resolve();
      await released.promise;
    });
    await locked.promise;
    const rotating = [one, other].map((instance) => instance.signingKeys.rotate());
    const waiting = `SELECT 1 FROM pg_stat_activity
                     WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`;
    await eventually(async () => expect(await world.database.rows(waiting)).toHaveLength(2));
    released.resolve();
    const [made] = await Promise.all([Promise.all(rotating), holding]);
    expect(new Set(made).size).toBe(1);
    expect(made[0]).not.toBe(before);
    const rows = await world.database.rows<{ total: number }>('SELECT count(*)::int AS total FROM signing_key');
    expect(rows).toEqual([{ total: 2 }]);
  });

  it('rotate when they are old enough, and not before', async () => {
    const young = (await one.signingKeys.current()).kid;
    expect(await one.signingKeys.rotateIfDue()).toBe(false);
    expect((await one.signingKeys.current()).kid).toBe(young);
    one.clock.advance(91 * 24 * 3600 * 1000);
    expect(await one.signingKeys.rotateIfDue()).toBe(true);
  });

  it('end every token when a key has leaked', async () => {
    const token = await aToken(one);
    for (const instance of [one, other]) expect(await isGood(instance, token)).toBe(true);
    await one.signingKeys.rotate({ endTokens: true });
    expect(await isGood(one, token)).toBe(false);
    other.onNotice.signingKeysChanged();
    expect(await isGood(other, token)).toBe(false);
    expect(await isGood(other, await aToken(one))).toBe(true);
  });

  it('look into the database for an unknown key, but not for every one', async () => {
    await isGood(other, await aToken(one));
    const [header, ...rest] = (await aToken(one)).split('.');
    const nonsense = Array.from({ length: 20 }, (_, index) => {
      const changed = {
        ...(JSON.parse(Buffer.from(header ?? '', 'base64url').toString()) as object),
        kid: `k${index}`,
      };
      return [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.');
    });
    for (const token of nonsense) expect(await isGood(other, token)).toBe(false);
    // The one look of this second is used up; the next key is found as soon as it is over.
    await one.signingKeys.rotate();
    const young = await aToken(one);
    expect(await isGood(other, young)).toBe(false);
    other.clock.advance(1_000);
    expect(await isGood(other, young)).toBe(true);
  });

  it('say that the secret key does not fit, and are made anew by rotating', async () => {
    await one.signingKeys.current();
    const stranger = await world.open({ secretKey: 'two' });
    await expect(stranger.signingKeys.current()).rejects.toMatchObject({
      code: 'SIGNING_KEY_SEALED',
      kind: 'internal',
    });
    expect(await isGood(stranger, await aToken(one))).toBe(true); // to verify, nothing is opened
    const kid = await stranger.signingKeys.rotate();
    expect((await stranger.signingKeys.current()).kid).toBe(kid);
  });

  it('go on with what they have while the database is away', async () => {
    const token = await aToken(one);
    await isGood(other, token);
    await other.database.close();
    other.clock.advance(3_600_000 / 4);
    expect(await isGood(other, token)).toBe(true);
    await aToken(other);
    const blank = await world.open();
    await blank.database.close();
    await expect(blank.authenticator.byToken(token)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
