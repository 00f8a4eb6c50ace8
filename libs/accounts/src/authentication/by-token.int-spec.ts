import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RepositoryName } from '@breakwater/oci';
import { ANONYMOUS, type TokenAccess } from '@breakwater/rbac';
import {
  actorFor,
  aUser,
  createTestWorld,
  INSTALLER,
  type Instance,
  type TestWorld,
} from '../testing/test-accounts.js';

const PULL: TokenAccess[] = [{ type: 'repository', name: RepositoryName.parse('team/app'), actions: ['pull'] }];
const PROJECTS = { team: '0198c0de-0000-7000-8000-000000000001' };
const REFUSED = { code: 'INVALID_TOKEN', kind: 'unauthenticated', reason: 'account-changed' };

describe('signing in by token', () => {
  let world: TestWorld;
  let core: Instance;
  let registry: Instance;

  beforeAll(async () => {
    world = await createTestWorld();
    [core, registry] = await Promise.all([world.open(), world.open()]);
    await core.accounts.ensureFirstAdmin({ password: 'First-admin-1' });
  });
  afterAll(() => world.close());

  async function aToken(accountId: number): Promise<string> {
    return (await core.tokenIssuer.issue(await actorFor(core, accountId), PULL, PROJECTS)).token;
  }

  it('works in another process than the one that made the token', async () => {
    const account = await aUser(core);
    const identity = await registry.authenticator.byToken(await aToken(account.id));
    expect(identity).toMatchObject({
      actor: await actorFor(core, account.id),
      access: PULL,
      projects: PROJECTS,
    });
    expect(identity.expiresAt.getTime() - identity.issuedAt.getTime()).toBe(1_800_000);
  });

  it('knows an anonymous token as one of nobody', async () => {
    const { token } = await core.tokenIssuer.issue(ANONYMOUS, PULL, PROJECTS);
    expect(await registry.authenticator.byToken(token)).toMatchObject({ actor: ANONYMOUS, access: PULL });
  });

  it.each<[string, (id: number) => Promise<void>]>([
    ['the password was changed', (id) => core.accounts.changePassword(INSTALLER, id, { newPassword: 'Changed-it-1' })],
    ['the account was disabled', (id) => core.accounts.setDisabled(INSTALLER, id, true)],
    ['the account was deleted', (id) => core.accounts.delete(INSTALLER, id)],
    ['the account lost the administrator’s flag', (id) => core.accounts.setSystemAdmin(INSTALLER, id, false)],
  ])('ends at once where it is told that %s, and within 2 s where it is not', async (_, end) => {
    const account = await aUser(core, { isSystemAdmin: true });
    const token = await aToken(account.id);
    const deaf = await world.open();
    for (const instance of [core, registry, deaf]) await instance.authenticator.byToken(token);
    core.notices.length = 0;
    await end(account.id);
    expect(core.notices).toEqual([`accounts ${account.id}`]);
    await expect(core.authenticator.byToken(token)).rejects.toMatchObject(REFUSED);
    registry.onNotice.accountsChanged([account.id]);
    await expect(registry.authenticator.byToken(token)).rejects.toMatchObject(REFUSED);
    deaf.clock.advance(1_999);
    await deaf.authenticator.byToken(token); // what is lost with the notice
    deaf.clock.advance(1);
    await expect(deaf.authenticator.byToken(token)).rejects.toMatchObject(REFUSED);
  });

  it('works at once where nobody has heard of the change that it was made after', async () => {
    const { id } = await aUser(core);
    const [old, deaf] = [await aToken(id), await world.open()];
    await deaf.authenticator.byToken(old);
    await core.accounts.changePassword(INSTALLER, id, { newPassword: 'Changed-it-1' });
    await deaf.authenticator.byToken(await aToken(id));
    await expect(deaf.authenticator.byToken(old)).rejects.toMatchObject(REFUSED);
  });

  it('does not come back when the account is enabled again', async () => {
    const { id } = await aUser(core);
    const token = await aToken(id);
    await core.accounts.setDisabled(INSTALLER, id, true);
    await core.accounts.setDisabled(INSTALLER, id, false);
    await expect(core.authenticator.byToken(token)).rejects.toMatchObject(REFUSED);
    await core.authenticator.byToken(await aToken(id));
  });

  it('survives what takes nothing away', async () => {
    const account = await aUser(core);
    const token = await aToken(account.id);
    await core.accounts.updateProfile(INSTALLER, account.id, { email: 'other@example.com', realname: 'x' });
    await core.accounts.setSystemAdmin(INSTALLER, account.id, true);
    expect(await core.authenticator.byToken(token)).toMatchObject({ actor: { isSystemAdmin: true } }); // rights of now
  });

  it('is worth nothing to a new account of the same name', async () => {
    const { id, username } = await aUser(core);
    const token = await aToken(id);
    await core.accounts.delete(INSTALLER, id);
    await aUser(core, { username });
    await expect(registry.authenticator.byToken(token)).rejects.toMatchObject(REFUSED);
  });

  it('asks the database once for an account in two seconds, however many requests come', async () => {
    const account = await aUser(core);
    const token = await aToken(account.id);
    const busy = await world.open();
    await busy.authenticator.byToken(token);
    await busy.database.close();
    await Promise.all(Array.from({ length: 50 }, () => busy.authenticator.byToken(token)));
    busy.clock.advance(2_000);
    await expect(busy.authenticator.byToken(token)).rejects.toMatchObject({ kind: 'unavailable' }); // 503, never 401
  });
});
