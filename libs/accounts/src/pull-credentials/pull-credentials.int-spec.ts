import { RepositoryName } from '@breakwater/oci';
import type { TokenAccess } from '@breakwater/rbac';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestWorld, type Instance, type TestWorld } from '../testing/test-accounts.js';
import type { NewPullCredential, PullCredential } from './pull-credentials.js';

const REPOSITORY = RepositoryName.parse('scanned/deep/app');
const PULL: TokenAccess[] = [{ type: 'repository', name: REPOSITORY, actions: ['pull'] }];
const WRONG = { code: 'INVALID_CREDENTIALS', kind: 'unauthenticated' };
const ENDED = { code: 'INVALID_TOKEN', kind: 'unauthenticated', reason: 'scan-ended' };

describe('the pull credential of a scan', () => {
  let world: TestWorld;
  /** Makes and revokes. */
  let jobs: Instance;
  /** Believes what it knows for 2 s. */
  let registry: Instance;
  let project: { id: number; incarnation: string };

  beforeAll(async () => {
    world = await createTestWorld();
    [jobs, registry] = await Promise.all([world.open({ staleMs: 0 }), world.open()]);
    project = await world.addProject('scanned');
  });
  afterAll(() => world.close());

  let tasks = 0;
  const issue = (given: Partial<NewPullCredential> = {}): Promise<PullCredential> =>
    jobs.pullCredentials.issue({
      projectId: project.id,
      projectIncarnation: project.incarnation,
      repository: REPOSITORY,
      ttlSeconds: 900,
      holder: `task:${++tasks}`,
      ...given,
    });
  const signIn = (instance: Instance, { username, secret }: PullCredential) =>
    instance.authenticator.byPassword(username, secret, '203.0.113.9');
  const count = async (): Promise<number> => (await world.database.rows('SELECT FROM pull_credential')).length;

  it('is known as exactly what it was made for, wherever it is shown', async () => {
    const credential = await issue();
    const actor = {
      kind: 'scanner',
      name: credential.username,
      credentialId: credential.username.slice('scanner$'.length),
      projectId: project.id,
      repository: REPOSITORY,
    };
    expect(await signIn(registry, credential)).toEqual(actor);
    expect(await signIn(jobs, credential)).toEqual(actor);
    expect(credential.expiresAt.getTime()).toBeGreaterThan(Date.now() + 800_000);
  });

  it('can be sent by scanners that split at any colon, and is stored as a digest', async () => {
    const { username, secret } = await issue();
    expect(`${username}${secret}`).toMatch(/^[\w$-]+$/);
    const [row] = await world.database.rows<{ text: string }>(
      'SELECT string_agg(pull_credential::text, chr(10)) AS text FROM pull_credential',
    );
    expect(row?.text).toContain(username.slice('scanner$'.length));
    expect(row?.text).not.toContain(secret);
  });

  it('is refused like any wrong password when name or secret is wrong', async () => {
    const [credential, other] = [await issue(), await issue()];
    const wrong = [
      { ...credential, secret: other.secret },
      { ...credential, secret: '' },
      { ...credential, username: `${credential.username}0` },
      { ...credential, username: credential.username.toUpperCase() },
      { ...credential, username: `scanner$${'0'.repeat(8)}-0000-7000-8000-${'0'.repeat(12)}` },
      { ...credential, username: 'scanner$' },
    ];
    for (const each of wrong) await expect(signIn(registry, each)).rejects.toMatchObject(WRONG);
    await signIn(registry, credential); // and nobody is locked out by it
  });

  it('gives tokens that are the scan’s as well', async () => {
    const actor = await signIn(jobs, await issue());
    const projects = { scanned: project.incarnation };
    const { token } = await jobs.tokenIssuer.issue(actor, PULL, projects);
    expect(await registry.authenticator.byToken(token)).toMatchObject({ actor, access: PULL, projects });
  });

  it('ends with its holder: here at once, elsewhere within 2 s, with the tokens made of it', async () => {
    const [credential, neighbour] = [await issue({ holder: 'task:a' }), await issue({ holder: 'task:ab' })];
    const actor = await signIn(jobs, credential);
    const { token } = await jobs.tokenIssuer.issue(actor, PULL, {});
    await signIn(registry, credential);
    await registry.authenticator.byToken(token);

    await jobs.pullCredentials.revoke('task:a');
    await expect(signIn(jobs, credential)).rejects.toMatchObject(WRONG);
    registry.clock.advance(1_999);
    await signIn(registry, credential);
    registry.clock.advance(1);
    await expect(signIn(registry, credential)).rejects.toMatchObject(WRONG);
    await expect(registry.authenticator.byToken(token)).rejects.toMatchObject(ENDED);
    await signIn(registry, neighbour);
  });

  it('is made and revoked within the caller’s transaction', async () => {
    const before = await count();
    const failed = world.database.unitOfWork.run(async (tx) => {
      await jobs.pullCredentials.issue(
        {
          projectId: project.id,
          projectIncarnation: project.incarnation,
          repository: REPOSITORY,
          ttlSeconds: 900,
          holder: 'task:tx',
        },
        tx,
      );
      throw new Error('the rest of the work failed');
    });
    await expect(failed).rejects.toThrow('the rest of the work failed');
    expect(await count()).toBe(before);
    const credential = await issue({ holder: 'task:tx' });
    await world.database.unitOfWork.run((tx) => jobs.pullCredentials.revoke('task:tx', tx));
    await expect(signIn(jobs, credential)).rejects.toMatchObject(WRONG);
  });

  it('ends by itself, and is swept away by those that come after', async () => {
    const credential = await issue({ ttlSeconds: 0 });
    await expect(signIn(registry, credential)).rejects.toMatchObject(WRONG);
    const id = credential.username.slice('scanner$'.length);
    await issue();
    expect(await world.database.rows('SELECT FROM pull_credential WHERE id = $1', [id])).toEqual([]);
  });

  it('goes with its project, and is not made for one that took over the name', async () => {
    const gone = await world.addProject('gone');
    const made = {
      projectId: gone.id,
      projectIncarnation: gone.incarnation,
      repository: RepositoryName.parse('gone/app'),
    };
    const credential = await issue(made);
    await world.database.rows('DELETE FROM project WHERE id = $1', [gone.id]);
    await expect(signIn(jobs, credential)).rejects.toMatchObject(WRONG);
    await expect(issue(made)).rejects.toMatchObject({ kind: 'not-found' });
    const again = await world.addProject('gone');
    await expect(issue({ ...made, projectId: again.id })).rejects.toMatchObject({ kind: 'not-found' });
  });
});
