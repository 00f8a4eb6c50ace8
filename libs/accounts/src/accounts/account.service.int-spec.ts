import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UserActor } from '@breakwater/rbac';
import { accountFields } from './account-fields.js';
import {
  actorFor,
  aUser,
  createTestWorld,
  INSTALLER,
  PASSWORD,
  type Instance,
  type TestWorld,
} from '../testing/test-accounts.js';

describe('AccountService', () => {
  let world: TestWorld;
  let one: Instance;
  let other: Instance;
  let admin: UserActor;

  beforeAll(async () => {
    world = await createTestWorld();
    [one, other] = await Promise.all([world.open(), world.open()]);
  });
  afterAll(() => world.close());

  describe('the first administrator', () => {
    it('needs a strong password', async () => {
      await expect(one.accounts.ensureFirstAdmin({ password: 'admin' })).rejects.toMatchObject({
        code: 'WEAK_PASSWORD',
      });
      expect(await one.accounts.find(1)).toBeNull();
    });

    it('is made once, as id 1, when two replicas start at the same moment', async () => {
      await aUser(one, { username: 'early' }); // an id that is taken before changes nothing
      const made = await Promise.all([
        one.accounts.ensureFirstAdmin({ password: 'First-admin-1' }),
        other.accounts.ensureFirstAdmin({ password: 'First-admin-2' }),
      ]);
      expect(made.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
      expect(await one.accounts.get(1)).toMatchObject({ id: 1, username: 'admin', isSystemAdmin: true });
      const right = made[0].isNew ? 'First-admin-1' : 'First-admin-2';
      admin = await actorFor(one, 1);
      expect(await one.authenticator.byPassword('admin', right)).toEqual(admin);
      expect(admin).toMatchObject({ kind: 'user', accountId: 1, name: 'admin', isSystemAdmin: true });
    });

    it('is left alone by later starts', async () => {
      expect(await one.accounts.ensureFirstAdmin({ password: 'Another-one-3' })).toEqual({ isNew: false });
      await expect(one.authenticator.byPassword('admin', 'Another-one-3')).rejects.toMatchObject({
        code: 'INVALID_CREDENTIALS',
      });
    });
  });

  describe('creating', () => {
    it('makes an account that is no administrator, and tells of it', async () => {
      const account = await aUser(one, { username: 'carla', comment: 'from Lisbon' });
      expect(await other.accounts.get(account.id)).toEqual(account);
      expect(account).toMatchObject({
        username: 'carla',
        comment: 'from Lisbon',
        isSystemAdmin: false,
        isDisabled: false,
      });
      expect(Object.keys(account)).not.toContain('passwordHash');
      expect((await world.events()).at(-1)).toMatchObject({
        subject: 'events.accounts.user-created.v1',
        payload: { userId: account.id, username: 'carla', by: 'installer' },
      });
    });

    it.each([
      [{ username: 'a,b' }, 'INVALID_USER_FIELD'],
      [{ username: '' }, 'INVALID_USER_FIELD'],
      [{ email: 'nowhere' }, 'INVALID_USER_FIELD'],
      [{ comment: 'x'.repeat(31) }, 'INVALID_USER_FIELD'],
      [{ password: 'alllowercase1' }, 'WEAK_PASSWORD'],
    ])('refuses %j', async (wrong, code) => {
      await expect(aUser(one, wrong)).rejects.toMatchObject({ code, kind: 'invalid' });
    });

    it('refuses text that cannot be stored', async () => {
      await expect(aUser(one, { comment: 'a\0b' })).rejects.toMatchObject({ kind: 'invalid' });
    });

    it('refuses a name or an address that is taken, and says which', async () => {
      await aUser(one, { username: 'dora', email: 'Dora@example.com' });
      await expect(aUser(one, { username: 'dora' })).rejects.toMatchObject({
        code: 'USER_CONFLICT',
        field: 'username',
      });
      await expect(aUser(one, { email: 'dora@EXAMPLE.com' })).rejects.toMatchObject({
        code: 'USER_CONFLICT',
        field: 'email',
      });
    });

    it('refuses a name that is somebody’s address, which would keep that somebody out', async () => {
      await aUser(one, { username: 'emil', email: 'emil@example.com' });
      await expect(aUser(one, { username: 'Emil@example.com', email: 'x@example.com' })).rejects.toMatchObject({
        code: 'USER_CONFLICT',
        field: 'username',
      });
      await aUser(one, { username: 'frida@example.org', email: 'frida@example.org' });
      await expect(aUser(one, { email: 'Frida@example.org' })).rejects.toMatchObject({ field: 'email' });
    });

    it('lets one of two creations of the same name win', async () => {
      const both = [one, other].map((instance, index) =>
        aUser(instance, { username: 'twice', email: `twice${index}@example.com` }),
      );
      const outcomes = await Promise.allSettled(both);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });
  });

  describe('finding', () => {
    it('lists all but the first administrator, page by page, with the count of all', async () => {
      const all = await one.accounts.list({ limit: null, offset: 0 });
      expect(all.items.map(({ username }) => username)).not.toContain('admin');
      expect(all.items.map(({ username }) => username)).toEqual(all.items.map(({ username }) => username).sort());
      expect(all.total).toBe(all.items.length);
      const page = await one.accounts.list({ limit: 2, offset: 1 });
      expect(page).toEqual({ items: all.items.slice(1, 3), total: all.total });
    });

    it('filters and sorts by what the API made of a query', async () => {
      const { username, user_id, creation_time } = accountFields;
      const where = { sql: `${username.column} ILIKE $1 OR ${user_id.column} = $2`, params: ['%CARLA%', 1] };
      const orderBy = `${creation_time.column} DESC`;
      const found = await one.accounts.list({ where, orderBy, limit: 10, offset: 0 });
      expect(found.items.map(({ username }) => username)).toEqual(['carla']);
      expect(found.total).toBe(1);
    });

    it('can filter and sort by every field that it offers', async () => {
      for (const { column } of Object.values(accountFields)) {
        const where = { sql: `${column} IS NOT NULL`, params: [] };
        const { items, total } = await one.accounts.list({ where, orderBy: column, limit: 1, offset: 0 });
        expect([items.length, total > 1]).toEqual([1, true]);
      }
    });

    it('searches user names by case, shortest first, and takes wildcards as they are', async () => {
      for (const username of ['ann', 'annika', 'hannah', 'ANN2', 'a_n']) await aUser(one, { username });
      const { items, total } = await one.accounts.search('ann', { limit: 2, offset: 0 });
      expect(items.map(({ username }) => username)).toEqual(['ann', 'annika']);
      expect(total).toBe(3);
      expect((await one.accounts.search('a_n', { limit: 10, offset: 0 })).items).toHaveLength(1);
      expect((await one.accounts.search('admin', { limit: 10, offset: 0 })).items).toEqual([
        { id: 1, username: 'admin' },
      ]);
    });

    it('tells whether a name or an address is in use', async () => {
      expect(await one.accounts.isTaken('username', 'dora')).toBe(true);
      expect(await one.accounts.isTaken('email', 'DORA@example.com')).toBe(true);
      expect(await one.accounts.isTaken('username', 'nobody')).toBe(false);
      expect(await one.accounts.usernames([1])).toEqual(new Map([[1, 'admin']]));
    });
  });

  it.each([0, -1, 1.5, 2 ** 31, 1e21, Number.NaN])('knows no account %d', async (id) => {
    expect(await one.accounts.find(id)).toBeNull();
    const missing = { code: 'USER_NOT_FOUND', kind: 'not-found' };
    await expect(one.accounts.get(id)).rejects.toMatchObject(missing);
    await expect(one.accounts.setSystemAdmin(admin, id, true)).rejects.toMatchObject(missing);
    await expect(one.accounts.delete(admin, id)).rejects.toMatchObject(missing);
    await expect(one.accounts.changePassword(admin, id, { newPassword: PASSWORD })).rejects.toMatchObject(missing);
  });

  it('changes a profile, but never to an address of somebody else', async () => {
    const account = await aUser(one);
    // Made and changed within a millisecond it would show the same time twice.
    await world.database.rows(`UPDATE account SET updated_at = updated_at - interval '1 minute' WHERE id = $1`, [
      account.id,
    ]);
    await one.accounts.updateProfile(admin, account.id, { email: 'new@example.com', realname: 'New Name' });
    const changed = await other.accounts.get(account.id);
    expect(changed).toMatchObject({ email: 'new@example.com', realname: 'New Name', comment: '' });
    expect(changed.updatedAt.getTime()).toBeGreaterThanOrEqual(account.updatedAt.getTime());
    await expect(
      one.accounts.updateProfile(admin, account.id, { email: 'dora@example.com', realname: 'x' }),
    ).rejects.toMatchObject({ code: 'USER_CONFLICT', field: 'email' });
    await expect(
      one.accounts.updateProfile(admin, 9999, { email: 'q@example.com', realname: 'x' }),
    ).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
    });
  });

  describe('changing a password', () => {
    it('asks for the old one when it is one’s own', async () => {
      const self = await actorFor(one, (await aUser(one)).id);
      const change = (oldPassword: string | null, newPassword: string) =>
        one.accounts.changePassword(self, self.accountId, { oldPassword, newPassword });
      await expect(change('Wrong-one-1', 'New-password-1')).rejects.toMatchObject({
        code: 'CURRENT_PASSWORD_INCORRECT',
        kind: 'forbidden',
        message: 'Current password is incorrect',
      });
      await expect(change(null, 'New-password-1')).rejects.toMatchObject({ code: 'CURRENT_PASSWORD_INCORRECT' });
      await expect(change(PASSWORD, 'weak')).rejects.toMatchObject({ code: 'WEAK_PASSWORD' });
      await expect(change(PASSWORD, PASSWORD)).rejects.toMatchObject({ code: 'SAME_PASSWORD', kind: 'invalid' });
      await change(PASSWORD, 'New-password-1');
      await one.authenticator.byPassword(self.name, 'New-password-1');
      await expect(one.authenticator.byPassword(self.name, PASSWORD)).rejects.toMatchObject({
        code: 'INVALID_CREDENTIALS',
      });
    });

    it('does not ask an administrator, except for their own', async () => {
      const account = await aUser(one);
      await expect(one.accounts.changePassword(admin, account.id, { newPassword: PASSWORD })).rejects.toMatchObject({
        code: 'SAME_PASSWORD',
      });
      await one.accounts.changePassword(admin, account.id, { newPassword: 'Set-by-admin-1' });
      await one.authenticator.byPassword(account.username, 'Set-by-admin-1');
      await expect(
        one.accounts.changePassword(admin, admin.accountId, { newPassword: 'Set-by-admin-1' }),
      ).rejects.toMatchObject({ code: 'CURRENT_PASSWORD_INCORRECT' });
    });

    it('slows down who guesses the old one', async () => {
      const self = await actorFor(one, (await aUser(one)).id);
      const guess = () =>
        one.accounts.changePassword(self, self.accountId, { oldPassword: 'Guess-1', newPassword: 'X' });
      for (let index = 0; index < 6; index++) await expect(guess()).rejects.toMatchObject({ kind: 'forbidden' });
      await expect(guess()).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
    });
  });

  it('gives and takes the administrator’s flag', async () => {
    const account = await aUser(one);
    await one.accounts.setSystemAdmin(admin, account.id, true);
    expect(await other.accounts.get(account.id)).toMatchObject({ isSystemAdmin: true });
    await one.accounts.setSystemAdmin(admin, account.id, false);
    expect(await other.accounts.get(account.id)).toMatchObject({ isSystemAdmin: false });
  });

  it('keeps an administrator who can sign in, whatever two of them do to each other at once', async () => {
    for (const remove of [
      (instance: Instance, id: number) => instance.accounts.setSystemAdmin(INSTALLER, id, false),
      (instance: Instance, id: number) => instance.accounts.setDisabled(INSTALLER, id, true),
    ]) {
      const second = await aUser(one, { isSystemAdmin: true });
      const outcomes = await Promise.allSettled([remove(one, 1), remove(other, second.id)]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'USER_PROTECTED' },
      });
      await one.accounts.setDisabled(INSTALLER, 1, false);
      await one.accounts.setSystemAdmin(INSTALLER, 1, true);
      await one.accounts.setSystemAdmin(INSTALLER, second.id, false);
    }
  });

  it('lets nobody delete or disable themselves, nor anybody delete the first account', async () => {
    const self = await actorFor(one, (await aUser(one, { isSystemAdmin: true })).id);
    const refused = { code: 'USER_PROTECTED', kind: 'forbidden' };
    await expect(one.accounts.delete(self, self.accountId)).rejects.toMatchObject(refused);
    await expect(one.accounts.setDisabled(self, self.accountId, true)).rejects.toMatchObject(refused);
    await expect(one.accounts.delete(self, 1)).rejects.toMatchObject(refused);
  });

  it('deletes an account with its memberships, keeps its row, and frees its name', async () => {
    const account = await aUser(one, { username: 'gone' });
    const project = await world.addProject('gone-project');
    await one.members.add(admin, project.id, { userId: account.id, roleId: 2 });
    one.notices.length = 0;
    await one.accounts.delete(admin, account.id);
    expect(one.notices.sort()).toEqual([`accounts ${account.id}`, `members ${project.id}`]);
    expect(await other.accounts.find(account.id)).toBeNull();
    expect(await other.members.list(project.id, { limit: 10, offset: 0 })).toEqual({ items: [], total: 0 });
    await expect(one.accounts.delete(admin, account.id)).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    const [row] = await world.database.rows<object>('SELECT username, password_hash FROM account WHERE id = $1', [
      account.id,
    ]);
    expect(row).toEqual({ username: 'gone', password_hash: null });
    const again = await aUser(one, { username: 'gone' });
    expect(again.id).not.toBe(account.id);
    expect(await one.accounts.usernames([account.id])).toEqual(new Map([[account.id, 'gone']]));
  });

  it('tells of nothing that was rolled back', async () => {
    const before = (await world.events()).length;
    one.notices.length = 0;
    await expect(aUser(one, { username: 'dora' })).rejects.toMatchObject({ code: 'USER_CONFLICT' });
    expect(await world.events()).toHaveLength(before);
    expect(one.notices).toEqual([]);
  });
});
