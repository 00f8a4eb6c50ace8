import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { basic, sharedApi, type Api, type Credentials } from '../system/api.js';
import { aTemporaryFolder } from '../system/temporary-folder.js';
import { describeWithTools, type Outcome } from '../system/tools.js';
import { ClientHome } from './client-home.js';
import type { ImageClient } from './image-client.js';

/** How clients tell their users that they may not. */
const REFUSED = /denied|unauthorized|forbidden|40[13]|authentication required|insufficient|invalid username/i;

/** What the tests of one client share. */
export interface ClientBench {
  readonly client: ImageClient;
  /** The client's own folder. */
  readonly directory: string;
  readonly api: () => Api;
  /** `host:port/repository`. */
  readonly at: (repository: string) => string;
  /** Logged in; null stands for nobody. */
  readonly homeOf: (who: Credentials | null) => Promise<ClientHome>;
}

export interface ImageClientSuite {
  /** Where to: the installation that all suites share, when left out. */
  readonly api?: () => Api;
  readonly suite?: string;
  /** What only this client does. */
  readonly more?: (bench: ClientBench) => void;
}

/** What every client that moves images has to be able to do here, through its own login. */
export function describeImageClient(
  create: (directory: string) => ImageClient,
  { api = sharedApi, suite, more }: ImageClientSuite = {},
): void {
  const { name, programs, needsRoot = false } = create('');
  describeWithTools(programs, suite ?? name, { needsRoot }, () => {
    // Before the folder goes: hooks run in this order.
    afterAll(() => client.stop?.());
    const directory = aTemporaryFolder(name);
    const client = create(join(directory, 'w'));
    const registry = (): string => new URL(api().url).host;
    const at = (repository: string): string => `${registry()}/${repository}`;
    const aHome = (): ClientHome =>
      new ClientHome(join(directory, `home-${randomBytes(4).toString('hex')}`), registry());
    const homeOf = async (who: Credentials | null): Promise<ClientHome> => {
      const home = aHome();
      if (who !== null) expect(await client.login(home, who)).toMatchObject({ code: 0 });
      return home;
    };
    const statusOf = async (repository: string, reference: string): Promise<number> => {
      const headers = { authorization: basic(api().admin) };
      return (await fetch(`${api().url}/v2/${repository}/manifests/${reference}`, { method: 'HEAD', headers })).status;
    };
    let project: string;
    let developer: ClientHome;

    beforeAll(async () => {
      await client.start?.();
      project = await api().project();
      developer = await homeOf(await api().member(project, 'maintainer'));
    });

    it('logs in with the right password only', async () => {
      const home = aHome();
      expectRefused(await client.login(home, { ...api().admin, password: 'Wrong-password-1' }));
      expect(await client.login(home, api().admin)).toMatchObject({ code: 0 });
    });

    it('pushes an image and pulls it back, byte for byte', async () => {
      const image = await client.build();
      expect(await client.push(developer, image, at(`${project}/app:1.0`))).toMatchObject({ code: 0 });
      expect(await client.pull(developer, at(`${project}/app:1.0`))).toMatchObject({ identity: image.identity });
    });

    it('pushes the same again and moves a tag to something else', async () => {
      const [first, second] = [await client.build(), await client.build()];
      for (const image of [first, first, second])
        expect(await client.push(developer, image, at(`${project}/moved:latest`))).toMatchObject({ code: 0 });
      expect(await client.pull(developer, at(`${project}/moved:latest`))).toMatchObject({ identity: second.identity });
    });

    if (client.buildIndex !== undefined)
      it('pushes two platforms under one name and pulls them', async () => {
        const index = (await client.buildIndex?.()) ?? { source: '', identity: '' };
        const push = client.pushIndex?.bind(client) ?? client.push.bind(client);
        expect(await push(developer, index, at(`${project}/multi:1`))).toMatchObject({ code: 0 });
        expect(await client.pull(developer, at(`${project}/multi:1`))).toMatchObject({ identity: index.identity });
      });

    if (client.listTags !== undefined)
      it('lists tags in byte order', async () => {
        const image = await client.build();
        for (const tag of ['b', 'a', 'C'])
          expect(await client.push(developer, image, at(`${project}/tags:${tag}`))).toMatchObject({ code: 0 });
        expect(await client.listTags?.(developer, at(`${project}/tags`))).toEqual(['C', 'a', 'b']);
      });

    if (client.remove !== undefined)
      it('deletes what it pushed', async () => {
        await client.push(developer, await client.build(), at(`${project}/gone:1`));
        expect(await client.remove?.(developer, at(`${project}/gone:1`))).toMatchObject({ code: 0 });
        expect(await statusOf(`${project}/gone`, '1')).toBe(404);
        expect((await client.pull(developer, at(`${project}/gone:1`))).code).not.toBe(0);
      });

    it('pulls but does not push for a guest, and says why', async () => {
      const image = await client.build();
      await client.push(developer, image, at(`${project}/read:1`));
      const guest = await homeOf(await api().member(project, 'guest'));
      expect(await client.pull(guest, at(`${project}/read:1`))).toMatchObject({ identity: image.identity });
      expectRefused(await client.push(guest, await client.build(), at(`${project}/read:2`)));
      expect(await statusOf(`${project}/read`, '2')).toBe(404);
    });

    it('tells a stranger the same about a private project as about one that does not exist', async () => {
      const image = await client.build();
      await client.push(developer, image, at(`${project}/secret:1`));
      const stranger = await homeOf(await api().user());
      const missing = `e2e-${randomBytes(5).toString('hex')}`;
      const tell = async (act: (reference: string) => Promise<Outcome>, of: string): Promise<string> => {
        const outcome = await act(at(`${of}/secret:1`));
        expectRefused(outcome);
        return withoutNoise(outcome).replaceAll(of, 'PROJECT');
      };
      const pull = (reference: string): Promise<Outcome> => client.pull(stranger, reference);
      const push = (reference: string): Promise<Outcome> => client.push(stranger, image, reference);
      expect(await tell(pull, project)).toBe(await tell(pull, missing));
      expect(await tell(push, project)).toBe(await tell(push, missing));
    });

    it('pulls from a public project without credentials, and cannot push there', async () => {
      const [open, image] = [await api().project({ public: 'true' }), await client.build()];
      const owner = await homeOf(await api().member(open, 'developer'));
      expect(await client.push(owner, image, at(`${open}/app:1`))).toMatchObject({ code: 0 });
      const nobody = await homeOf(null);
      expect(await client.pull(nobody, at(`${open}/app:1`))).toMatchObject({ identity: image.identity });
      expectRefused(await client.push(nobody, await client.build(), at(`${open}/app:2`)));
    });

    more?.({ client, directory, api, at, homeOf });
  });
}

export function expectRefused(outcome: Outcome): void {
  expect(outcome.code).not.toBe(0);
  expect(outcome.stdout + outcome.stderr).toMatch(REFUSED);
}

/** Times, digests, and how many layers were under way when it ended, differ between two runs of the same. */
function withoutNoise({ stdout, stderr }: Outcome): string {
  const lines = `${stdout}\n${stderr}`
    .replaceAll(/time="?[\dT:.+-]+Z?"?/g, 'TIME')
    .replaceAll(/\d{4}[-/]\d{2}[-/]\d{2}[T ][\d:.]+Z?/g, 'TIME')
    .replaceAll(/[0-9a-f]{12,64}/g, 'HEX')
    .split('\n')
    .filter((line) => line !== '' && !line.includes('level=WARN'));
  return [...new Set(lines)].sort().join('\n');
}
