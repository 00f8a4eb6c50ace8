import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  actorFor,
  aUser,
  createTestWorld,
  INSTALLER,
  PASSWORD,
  QUICK_HASHING,
  type Instance,
  type TestWorld,
} from '../testing/test-accounts.js';

const REFUSED = { code: 'INVALID_CREDENTIALS', kind: 'unauthenticated', message: 'invalid user name or password' };

describe('signing in by password', () => {
  let world: TestWorld;
  let one: Instance;
  let other: Instance;

  beforeAll(async () => {
    world = await createTestWorld();
    [one, other] = await Promise.all([world.open(), world.open()]);
    await one.accounts.ensureFirstAdmin({ password: 'First-admin-1' });
  });
  afterAll(() => world.close());

  /** How many passwords `work` made the instance hash. */
  async function verificationsOf(instance: Instance, work: () => Promise<unknown>): Promise<number> {
    const before = instance.hasher.verifications;
    await work();
    return instance.hasher.verifications - before;
  }
  const signIn = (name: string, password: string, instance = one, source: string | null = null) =>
    instance.authenticator.byPassword(name, password, source);
  const isRefused = (name: string, password: string, instance = one) =>
    expect(signIn(name, password, instance)).rejects.toMatchObject(REFUSED);

  it('takes the user name and the e-mail address', async () => {
    const account = await aUser(one, { username: 'carla', email: 'Carla@Example.com' });
    const expected = { kind: 'user', accountId: account.id, name: 'carla', isSystemAdmin: false };
    expect(await signIn('carla', PASSWORD)).toMatchObject(expected);
    expect(await signIn('carla@example.COM', PASSWORD)).toMatchObject(expected);
    await isRefused('Carla', PASSWORD); // user names differ by case, as in Harbor
  });

  it('refuses the unknown, the wrong, the disabled and the deleted alike, after the same work', async () => {
    const [disabled, deleted] = [await aUser(one), await aUser(one)];
    await one.accounts.setDisabled(INSTALLER, disabled.id, true);
    await one.accounts.delete(INSTALLER, deleted.id);
    const passwordless = await aUser(one);
    await world.database.rows('UPDATE account SET password_hash = NULL WHERE id = $1', [passwordless.id]);
    const attempts: [string, string][] = [
      ['carla', 'Wrong-password-1'],
      ['nobody', PASSWORD],
      ['', ''],
      ['nul\0byte', PASSWORD],
      ['carla', `${PASSWORD}\0`],
      ['x'.repeat(100_000), PASSWORD],
      ['carla', 'x'.repeat(100_000)],
      [disabled.username, PASSWORD],
      [deleted.username, PASSWORD],
      [passwordless.username, PASSWORD],
      [passwordless.username, ''],
    ];
    for (const [name, password] of attempts) {
      expect(await verificationsOf(one, () => isRefused(name, password))).toBe(1);
    }
  });

  it('hashes once a minute for a client that sends its password with every request', async () => {
    const { username } = await aUser(one);
    const often = async () => {
      for (let index = 0; index < 5; index++) await signIn(username, PASSWORD);
    };
    expect(await verificationsOf(one, often)).toBe(1);
    one.clock.advance(59_999);
    expect(await verificationsOf(one, often)).toBe(0);
    one.clock.advance(1);
    expect(await verificationsOf(one, often)).toBe(1);
  });

  it('hashes once for many connections that begin together', async () => {
    const { username } = await aUser(one);
    const together = () => Promise.all(Array.from({ length: 20 }, () => signIn(username, PASSWORD)));
    expect(await verificationsOf(one, together)).toBe(1);
  });

  it('does not let a wrong password share the answer of a right one', async () => {
    const { username } = await aUser(one);
    const outcomes = await Promise.allSettled([
      signIn(username, PASSWORD),
      signIn(username, `${PASSWORD}x`),
      signIn(`${username}${PASSWORD[0]}`, PASSWORD.slice(1)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  it.each<[string, (id: number) => Promise<void>]>([
    ['the password was changed', (id) => one.accounts.changePassword(INSTALLER, id, { newPassword: 'Changed-it-1' })],
    ['the account was disabled', (id) => one.accounts.setDisabled(INSTALLER, id, true)],
    ['the account was deleted', (id) => one.accounts.delete(INSTALLER, id)],
  ])('ends at once where it is told that %s, and within 2 s where it is not', async (_, end) => {
    const { id, username } = await aUser(one);
    const third = await world.open();
    for (const instance of [one, other, third]) {
      await signIn(username, PASSWORD, instance);
      await signIn(username, PASSWORD, instance); // from memory
    }
    await end(id);
    await isRefused(username, PASSWORD, one);
    other.onNotice.accountsChanged([id]);
    await isRefused(username, PASSWORD, other);
    third.clock.advance(1_999);
    await signIn(username, PASSWORD, third); // what is lost with the notice
    third.clock.advance(1);
    await isRefused(username, PASSWORD, third);
  });

  it('follows the e-mail address: the old one opens nothing any more', async () => {
    const { id, username, email } = await aUser(one);
    await signIn(email, PASSWORD);
    await one.accounts.updateProfile(INSTALLER, id, { email: `moved-${email}`, realname: username });
    await isRefused(email, PASSWORD);
    await signIn(`moved-${email}`, PASSWORD);
  });

  it('shows the rights of now', async () => {
    const { id, username } = await aUser(one);
    expect(await signIn(username, PASSWORD)).toMatchObject({ isSystemAdmin: false });
    await one.accounts.setSystemAdmin(INSTALLER, id, true);
    expect(await signIn(username, PASSWORD)).toMatchObject({ isSystemAdmin: true });
    await one.accounts.setSystemAdmin(INSTALLER, id, false);
    expect(await signIn(username, PASSWORD)).toMatchObject({ isSystemAdmin: false });
  });

  it('works again with the new password, and after enabling', async () => {
    const { id, username } = await aUser(one);
    await signIn(username, PASSWORD);
    await one.accounts.setDisabled(INSTALLER, id, true);
    await one.accounts.setDisabled(INSTALLER, id, false);
    await signIn(username, PASSWORD);
    await one.accounts.changePassword(INSTALLER, id, { newPassword: 'Changed-it-1' });
    await signIn(username, 'Changed-it-1');
  });

  it('renews a hash when more work is asked for than it was made with', async () => {
    const { id, username } = await aUser(one);
    const stronger = await world.open({ hashing: { ...QUICK_HASHING, passes: 2 } });
    const stored = async () => {
      const [row] = await world.database.rows<{ hash: string; incarnation: string }>(
        'SELECT password_hash AS hash, incarnation FROM account WHERE id = $1',
        [id],
      );
      return row as { hash: string; incarnation: string };
    };
    const before = await stored();
    await signIn(username, PASSWORD, stronger);
    const after = await stored();
    expect(after.hash).toContain('t=2');
    expect(after.incarnation).toBe(before.incarnation); // nobody is signed out by it
    await signIn(username, PASSWORD, one);
    expect((await stored()).hash).toBe(after.hash); // and nobody weakens it again
    stronger.clock.advance(60_000);
    await signIn(username, PASSWORD, stronger);
  });

  describe('guessing', () => {
    const ATTACKER = '203.0.113.9';
    const HOME = '198.51.100.4';

    it('is slowed down where it comes from, costs no more hashes there, and keeps nobody else out', async () => {
      const { username } = await aUser(one);
      await signIn(username, PASSWORD, one, HOME);
      for (let index = 0; index < 6; index++) {
        await expect(signIn(username, `Guess-${index}`, one, ATTACKER)).rejects.toMatchObject(REFUSED);
      }
      const frozen = () =>
        expect(signIn(username, 'Guess-7', one, ATTACKER)).rejects.toMatchObject({
          code: 'TOO_MANY_ATTEMPTS',
          kind: 'too-many',
          retryAfterSeconds: 1,
        });
      expect(await verificationsOf(one, frozen)).toBe(0);
      one.clock.advance(60_000);
      await signIn(username, PASSWORD, one, HOME);
    });

    it('counts guesses that are sent together', async () => {
      const { username } = await aUser(one);
      const guesses = Array.from({ length: 30 }, (_, index) => signIn(username, `Guess-${index}`, one, ATTACKER));
      const outcomes = (await Promise.allSettled(guesses)).map((outcome) =>
        outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'in',
      );
      expect(outcomes.filter((code) => code === 'INVALID_CREDENTIALS')).toHaveLength(6);
      expect(outcomes.filter((code) => code === 'TOO_MANY_ATTEMPTS')).toHaveLength(24);
    });

    it('does not stop a client that is signed in from the same place', async () => {
      const { username } = await aUser(one);
      await signIn(username, PASSWORD, one, HOME);
      for (let index = 0; index < 6; index++)
        await signIn(username, `Guess-${index}`, one, HOME).catch(() => undefined);
      await signIn(username, PASSWORD, one, HOME);
    });
  });

  it('does not count against anybody that the database was away', async () => {
    const away = await world.open();
    const { username } = await aUser(one);
    await away.database.close();
    for (let index = 0; index < 8; index++) {
      await expect(signIn(username, PASSWORD, away, '203.0.113.9')).rejects.toMatchObject({ kind: 'unavailable' });
    }
  });

  it('tells of each password that was checked, by the name of the account, and of none that is remembered', async () => {
    const told = await world.open();
    const { id, username, email } = await aUser(one);
    await signIn(email, PASSWORD, told, '198.51.100.4');
    await signIn(email, PASSWORD, told, '198.51.100.4');
    await isRefused(username, 'Wrong-horse-1', told);
    await isRefused('nobody-of-this-name', PASSWORD, told);
    await one.accounts.setDisabled(INSTALLER, id, true);
    told.onNotice.accountsChanged([id]);
    await isRefused(username, PASSWORD, told);
    expect(told.signIns).toEqual([
      { username, source: '198.51.100.4', isSuccess: true },
      { username, source: null, isSuccess: false },
      { username: null, source: null, isSuccess: false },
      { username, source: null, isSuccess: false },
    ]);
  });

  it('gives an actor that knows its incarnation', async () => {
    const { id, username } = await aUser(one);
    expect(await signIn(username, PASSWORD)).toEqual(await actorFor(one, id));
  });
});
