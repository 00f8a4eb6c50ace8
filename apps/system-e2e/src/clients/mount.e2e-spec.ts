import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { RoundRobinProxy, type PassedRequest } from '../replicas/round-robin-proxy.js';
import { aMember, aProject, ROLE, sharedApi, expectStatus, type Credentials } from '../system/api.js';
import { installation } from '../system/installation.js';
import { aTemporaryFolder } from '../system/temporary-folder.js';
import { describeWithTools } from '../system/tools.js';
import { ClientHome } from './client-home.js';
import type { ImageClient, LocalContent } from './image-client.js';
import { Layouts } from './layout-client.js';
import { regctl } from './regctl.js';
import { skopeo } from './skopeo.js';

const LAYER_BYTES = 300_000;

/** What clients really send when a registry has the layer already, seen on the way. */
describeWithTools(['skopeo', 'regctl'], 'layers that the registry has already', () => {
  const directory = aTemporaryFolder('mount');
  let proxy: RoundRobinProxy;
  let registry: string;
  let from: string;
  let to: string;
  let image: LocalContent;
  let pusher: ClientHome;
  let names = 0;

  beforeAll(async () => {
    proxy = new RoundRobinProxy([Number(new URL(installation().url).port)]);
    registry = new URL(await proxy.listen()).host;
  });
  afterAll(() => proxy.close());
  beforeEach(async () => {
    [from, to] = [await aProject(), await aProject()];
    image = new Layouts(join(directory, `w${names++}`)).image({ layerBytes: [LAYER_BYTES] });
    pusher = await homeOf(skopeo(''), await aMember(from, 'developer'));
    expect(await skopeo('').push(pusher, image, `${registry}/${from}/source:1`)).toMatchObject({ code: 0 });
    proxy.seen.length = 0;
  });

  const homeOf = async (client: ImageClient, who: Credentials): Promise<ClientHome> => {
    const home = new ClientHome(join(directory, `home-${names++}`), registry);
    expect(await client.login(home, who)).toMatchObject({ code: 0 });
    return home;
  };
  const addMember = async (project: string, { username }: Credentials): Promise<void> => {
    const body = { role_id: ROLE.guest, member_user: { username } };
    expectStatus(await sharedApi().call('POST', `/projects/${project}/members`, { body }), 201);
  };
  const sentBytes = (): number => proxy.seen.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
  const mounts = (): readonly PassedRequest[] => proxy.seen.filter(({ path }) => path.includes('mount='));

  it('are mounted by skopeo where the caller may read the source: no byte of them is sent', async () => {
    const both = await aMember(to, 'developer');
    await addMember(from, both);
    const home = await homeOf(skopeo(''), both);
    await home.succeed('skopeo', [
      ...['copy', '--src-tls-verify=false', '--dest-tls-verify=false'],
      ...[`docker://${registry}/${from}/source:1`, `docker://${registry}/${to}/target:1`],
    ]);
    expect(mounts().map(({ status }) => status)).toContain(201);
    expect(sentBytes()).toBeLessThan(LAYER_BYTES / 10);
    const pulled = await skopeo(join(directory, 'pulls')).pull(home, `${registry}/${to}/target:1`);
    expect(pulled).toMatchObject({ identity: image.identity });
  });

  it('are sent in full by skopeo where the caller may not read the source, though it knows where they are', async () => {
    const stranger = await aMember(to, 'developer');
    // The same home: it remembers what was pushed where.
    expect(await skopeo('').login(pusher, stranger)).toMatchObject({ code: 0 });
    proxy.seen.length = 0;
    expect(await skopeo('').push(pusher, image, `${registry}/${to}/target:1`)).toMatchObject({ code: 0 });
    const asked = proxy.seen.filter(({ path }) => path.includes(`${from}/source`) || path.includes(`from=${from}`));
    expect(asked).not.toEqual([]);
    expect(asked.filter(({ status }) => status < 400)).toEqual([]);
    expect(mounts().map(({ status }) => status)).not.toContain(201);
    expect(sentBytes()).toBeGreaterThan(LAYER_BYTES);
  });

  it('are mounted by regctl, which does not know from where, if the caller may read them somewhere', async () => {
    const both = await aMember(to, 'developer');
    await addMember(from, both);
    const home = await homeOf(regctl(''), both);
    expect(await regctl('').push(home, image, `${registry}/${to}/target:1`)).toMatchObject({ code: 0 });
    expect(mounts().map(({ status }) => status)).toContain(201);
    expect(sentBytes()).toBeLessThan(LAYER_BYTES / 10);
  });

  it('are sent in full by regctl if the caller may read them nowhere', async () => {
    const home = await homeOf(regctl(''), await aMember(to, 'developer'));
    expect(await regctl('').push(home, image, `${registry}/${to}/target:1`)).toMatchObject({ code: 0 });
    expect(mounts().map(({ status }) => status)).not.toContain(201);
    expect(sentBytes()).toBeGreaterThan(LAYER_BYTES);
  });
});
