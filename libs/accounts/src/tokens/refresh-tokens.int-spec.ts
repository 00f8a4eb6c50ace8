import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  actorFor,
  aUser,
  createTestWorld,
  INSTALLER,
  type Instance,
  type TestWorld,
} from '../testing/test-accounts.js';

const REFUSED = { code: 'INVALID_REFRESH_TOKEN', kind: 'unauthenticated' };

describe('RefreshTokens', () => {
  let world: TestWorld;
  let one: Instance;
  let other: Instance;

  beforeAll(async () => {
    world = await createTestWorld();
    const refreshTokens = { ttlSeconds: 3600, maxPerAccount: 3 };
    [one, other] = await Promise.all([world.open({ refreshTokens }), world.open({ refreshTokens })]);
    await one.accounts.ensureFirstAdmin({ password: 'First-admin-1' });
  });
  afterAll(() => world.close());

  const anActor = async () => actorFor(one, (await aUser(one)).id);

  it('stand for their account, again and again, in any process', async () => {
    const actor = await anActor();
    const { token, expiresAt } = await one.refreshTokens.issue(actor, 'docker');
    expect(token).toMatch(/^bwr_[\w-]{43}$/);
    expect(Math.abs(expiresAt.getTime() - Date.now() - 3_600_000)).toBeLessThan(60_000);
    expect(await other.refreshTokens.redeem(token)).toEqual(actor);
    expect(await one.refreshTokens.redeem(token)).toEqual(actor);
    expect(await one.refreshTokens.list(actor.accountId)).toEqual([
      {
        id: expect.any(String),
        client: 'docker',
        createdAt: expect.any(Date),
        expiresAt,
        lastUsedAt: expect.any(Date),
      },
    ]);
  });

  it('are stored as a digest only', async () => {
    const { token } = await one.refreshTokens.issue(await anActor(), 'docker');
    const [{ text }] = (await world.database.rows(
      'SELECT string_agg(refresh_token::text, $1) AS text FROM refresh_token',
      ['\n'],
    )) as [{ text: string }];
    expect(text).not.toContain(token.slice(4));
    expect(text).not.toContain(Buffer.from(token).toString('hex'));
  });

  it.each([[''], ['bwr_'], [`bwr_${'A'.repeat(43)}`], ['bwr_\0'], ['x'.repeat(100_000)]])(
    'refuse %j',
    async (token) => {
      await expect(one.refreshTokens.redeem(token)).rejects.toMatchObject(REFUSED);
    },
  );

  it.each<[string, (id: number) => Promise<void>]>([
    ['its password was changed', (id) => one.accounts.changePassword(INSTALLER, id, { newPassword: 'Changed-it-1' })],
    ['it was disabled', (id) => one.accounts.setDisabled(INSTALLER, id, true)],
    [
      'it was disabled and enabled',
      async (id) => {
        await one.accounts.setDisabled(INSTALLER, id, true);
        await one.accounts.setDisabled(INSTALLER, id, false);
      },
    ],
    ['it was deleted', (id) => one.accounts.delete(INSTALLER, id)],
  ])('end with their account when %s', async (_, end) => {
    const actor = await anActor();
    const { token } = await one.refreshTokens.issue(actor, 'docker');
    await other.refreshTokens.redeem(token);
    await end(actor.accountId);
    await expect(other.refreshTokens.redeem(token)).rejects.toMatchObject(REFUSED); // no cache, no notice needed
    expect(await one.refreshTokens.list(actor.accountId)).toEqual([]);
  });

  it('end on time, and go when somebody gets another', async () => {
    const actor = await anActor();
    const { token } = await one.refreshTokens.issue(actor, 'docker');
    await world.database.rows('UPDATE refresh_token SET expires_at = now() WHERE account_id = $1', [actor.accountId]);
    await expect(one.refreshTokens.redeem(token)).rejects.toMatchObject(REFUSED);
    await one.refreshTokens.issue(await anActor(), 'docker');
    const left = 'SELECT FROM refresh_token WHERE account_id = $1';
    expect(await world.database.rows(left, [actor.accountId])).toEqual([]);
  });

  it('are revoked one by one, by who holds them or by their owner', async () => {
    const [actor, stranger] = [await anActor(), await anActor()];
    const [first, second, third] = await Promise.all(
      ['a', 'b', 'c'].map((client) => one.refreshTokens.issue(actor, client)),
    );
    await one.refreshTokens.revoke(first?.token ?? '');
    await one.refreshTokens.revoke('never issued');
    const id = (await one.refreshTokens.list(actor.accountId)).find(({ client }) => client === 'b')?.id ?? '';
    expect(await one.refreshTokens.revokeById(stranger.accountId, id)).toBe(false);
    expect(await one.refreshTokens.revokeById(actor.accountId, 'not an id')).toBe(false);
    expect(await one.refreshTokens.revokeById(actor.accountId, id)).toBe(true);
    await expect(other.refreshTokens.redeem(first?.token ?? '')).rejects.toMatchObject(REFUSED);
    await expect(other.refreshTokens.redeem(second?.token ?? '')).rejects.toMatchObject(REFUSED);
    await other.refreshTokens.redeem(third?.token ?? '');
  });

  it('are only so many for one account: the oldest goes', async () => {
    const actor = await anActor();
    const tokens: string[] = [];
    for (const client of ['a', 'b', 'c', 'd']) tokens.push((await one.refreshTokens.issue(actor, client)).token);
    await expect(one.refreshTokens.redeem(tokens[0] ?? '')).rejects.toMatchObject(REFUSED);
    expect((await one.refreshTokens.list(actor.accountId)).map(({ client }) => client)).toEqual(['d', 'c', 'b']);
  });

  it('show a client’s name only as far as it can be shown', async () => {
    const actor = await anActor();
    await one.refreshTokens.issue(actor, `do\0c\nker${'x'.repeat(200)}`);
    expect((await one.refreshTokens.list(actor.accountId))[0]?.client).toBe(`docker${'x'.repeat(94)}`);
  });
});
