import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { basic, expectStatus, ROLE, type ApiAnswer, type Credentials } from '../system/api.js';
import { newPassword } from '../system/start-installation.js';
import { Cluster, LONG_LIVES } from './cluster/cluster.js';
import { faultsConfig } from './faults.config.js';
import { ContentMaker, type ArtifactContent } from './load/content.js';
import { Pushing } from './load/pushing.js';
import { Wire, type Heard } from './load/wire.js';
import { Random } from './random.js';

/** From the answer that took a right away to the last moment at which a registry may still grant it. */
const WITHIN_MS = 3_000;
const seed = faultsConfig.seed();

describe(`rights that are taken away while they are in use (seed ${seed})`, () => {
  const random = new Random(seed);
  const artifact = new ContentMaker(random, 50_000).image(random);
  let cluster: Cluster;
  let wires: Wire[];

  beforeAll(async () => {
    // The second one hears of nothing: what it remembers has to grow old.
    cluster = await Cluster.start({
      registries: 2,
      lives: LONG_LIVES,
      environmentOf: { 'registry-2': { BREAKWATER_NATS_URL: '' } },
    });
    wires = [];
  }, 360_000);

  afterAll(async () => {
    for (const wire of wires ?? []) wire.close();
    await cluster?.stop();
  });

  it('refuses a token after its owner’s password was changed, and the old password', async () => {
    const { project, user, token } = await aPusher();
    await expectGranted(project, [token, basic(user)]);
    const body = { old_password: user.password, new_password: newPassword() };
    const changed = await cluster.api.call('PUT', `/users/${await idOf(user)}/password`, { as: user, body });
    await expectRefused(changed, project, [token, basic(user)]);
    const renewed = { ...user, password: body.new_password };
    await expectGranted(project, [basic(renewed), await tokenFor(renewed, project)]);
  });

  it('refuses a token of a user who was deleted, and the password', async () => {
    const { project, user, token } = await aPusher();
    await expectGranted(project, [token, basic(user)]);
    const deleted = await cluster.api.call('DELETE', `/users/${await idOf(user)}`);
    await expectRefused(deleted, project, [token, basic(user)]);
  });

  it('refuses a token of somebody who is no member any more, in the middle of an upload too', async () => {
    const { project, user, memberPath, token } = await aPusher();
    await expectGranted(project, [token, basic(user)]);
    const pushing = new Pushing(wireOf(token), cluster.ports[1] ?? 0, `${project}/app`);
    const location = await pushing.session();
    expect(await pushing.chunk(location, 0, Buffer.from('before'))).toMatchObject({ status: 202 });
    const removed = await cluster.api.call('DELETE', memberPath);
    await expectRefused(removed, project, [token, basic(user)]);
    expect(await pushing.chunk(location, 6, Buffer.from('after'))).toMatchObject({ status: 401 });
  });

  it('refuses to push, and goes on to pull, with a token of somebody who became a guest', async () => {
    const { project, memberPath, token } = await aPusher();
    const mayPush = async (port: number): Promise<boolean> => {
      const answer = await wireOf(token).ask([port], 'POST', `/v2/${project}/app/blobs/uploads/`);
      expect([202, 401]).toContain(answer?.status);
      return answer?.status === 202;
    };
    for (const port of cluster.ports) expect(await mayPush(port)).toBe(true);
    const lowered = await cluster.api.call('PUT', memberPath, { body: { role_id: ROLE.guest } });
    await expectEverywhere(lowered, async (port) => !(await mayPush(port)));
    await expectGranted(project, [token]);
  });

  it('refuses a token for a project that was deleted and made again under its name', async () => {
    const { project, user, token } = await aPusher();
    await expectGranted(project, [token]);
    expectStatus(await cluster.api.call('DELETE', `/projects/${project}/repositories/app`), 200);
    const deleted = await cluster.api.call('DELETE', `/projects/${project}`);
    expectStatus(deleted, 200);
    const answeredAtMs = performance.now();
    const again = { project_name: project, metadata: { public: 'false' } };
    expectStatus(await cluster.api.call('POST', '/projects', { body: again }), 201);
    await addMember(project, user);
    // Until the news has come, this registry takes the name for the project that is gone.
    await eventually(() => push(project, basic(cluster.api.admin)));
    await expectRefused(deleted, project, [token], answeredAtMs);
    await expectGranted(project, [await tokenFor(user, project)]);
  });

  // — who is there —

  async function aPusher(): Promise<{ project: string; user: Credentials; memberPath: string; token: string }> {
    const [project, user] = [await cluster.api.project(), await cluster.api.user()];
    await push(project, basic(cluster.api.admin));
    return { project, user, memberPath: await addMember(project, user), token: await tokenFor(user, project) };
  }

  async function addMember(project: string, user: Credentials): Promise<string> {
    const body = { role_id: ROLE.developer, member_user: { username: user.username } };
    const added = await cluster.api.call('POST', `/projects/${project}/members`, { body });
    expectStatus(added, 201);
    return (added.headers.get('location') ?? '').replace(/^.*\/api\/v2\.0/, '');
  }

  async function idOf(user: Credentials): Promise<number> {
    return ((await cluster.api.call('GET', '/users/current', { as: user })).json as { user_id: number }).user_id;
  }

  async function push(project: string, authorization: string, content: ArtifactContent = artifact): Promise<void> {
    await new Pushing(wireOf(authorization), cluster.ports[0] ?? 0, `${project}/app`).artifact(content, 'v1');
  }

  /** @returns the value of an `Authorization` header. */
  async function tokenFor(user: Credentials, project: string): Promise<string> {
    const scope = `repository:${project}/app:pull,push,delete`;
    const query = new URLSearchParams({ service: 'harbor-registry', scope }).toString();
    const answer = await fetch(`${cluster.api.url}/service/token?${query}`, {
      headers: { authorization: basic(user) },
    });
    return `Bearer ${((await answer.json()) as { token: string }).token}`;
  }

  function wireOf(authorization: string): Wire {
    const wire = new Wire(authorization);
    wires.push(wire);
    return wire;
  }

  // — what they may —

  function pull(project: string, authorization: string, port: number): Promise<Heard | null> {
    return wireOf(authorization).ask([port], 'GET', `/v2/${project}/app/manifests/v1`);
  }

  async function expectGranted(project: string, authorizations: readonly string[]): Promise<void> {
    for (const authorization of authorizations)
      for (const port of cluster.ports) expect(await pull(project, authorization, port)).toMatchObject({ status: 200 });
  }

  async function expectRefused(
    answer: ApiAnswer,
    project: string,
    authorizations: readonly string[],
    sinceMs = performance.now(),
  ): Promise<void> {
    for (const authorization of authorizations)
      await expectEverywhere(
        answer,
        async (port) => (await pull(project, authorization, port))?.status === 401,
        sinceMs,
      );
  }

  /** Holds for every request that is sent after the time is over, on every replica; and stays so. */
  async function expectEverywhere(
    answer: ApiAnswer,
    holds: (port: number) => Promise<boolean>,
    sinceMs = performance.now(),
  ): Promise<void> {
    expectStatus(answer, 200);
    for (const port of cluster.ports)
      for (let sentAtMs = performance.now(); !(await holds(port)); sentAtMs = performance.now()) {
        expect(sentAtMs - sinceMs).toBeLessThan(WITHIN_MS);
        await delay(50);
      }
    for (const port of cluster.ports) expect(await holds(port)).toBe(true);
  }
});
