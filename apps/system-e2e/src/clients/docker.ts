import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tarOf } from '../content/tar.js';
import type { Outcome } from '../system/tools.js';
import { ClientHome } from './client-home.js';
import { DockerEngine, dockerProgram } from './docker-engine.js';
import type { ImageClient, LocalContent } from './image-client.js';

/** The Docker engine with its command line. Local content is kept as archives: the engine forgets before each pull. */
export function docker(directory: string): ImageClient {
  const engine = new DockerEngine(join(directory, 'engine'));
  const local = (): ClientHome => new ClientHome(join(directory, 'local'), '');
  const run = (home: ClientHome, ...args: readonly string[]): Promise<Outcome> =>
    home.run(dockerProgram(), ['-H', engine.host, ...args]);
  const succeed = (home: ClientHome, ...args: readonly string[]): Promise<string> =>
    home.succeed(dockerProgram(), ['-H', engine.host, ...args]);

  const build = async (sizeBytes = 5_000): Promise<LocalContent> => {
    const [home, name] = [local(), randomBytes(6).toString('hex')];
    const archive = join(directory, `${name}.tar`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(archive, tarOf([{ name: 'file', content: randomBytes(sizeBytes) }]));
    const id = (await succeed(home, 'import', archive, `local:${name}`)).trim();
    await succeed(home, 'save', '--output', archive, `local:${name}`);
    return { source: name, identity: id };
  };
  /** @returns the image under the name that it is to be pushed by. */
  const load = async ({ source }: LocalContent, reference: string): Promise<void> => {
    await succeed(local(), 'load', '--quiet', '--input', join(directory, `${source}.tar`));
    await succeed(local(), 'tag', `local:${source}`, reference);
  };
  const forgetAll = async (): Promise<void> => {
    const ids = new Set((await succeed(local(), 'image', 'ls', '--all', '--quiet')).split('\n').filter(Boolean));
    if (ids.size > 0) await succeed(local(), 'image', 'rm', '--force', ...ids);
  };

  return {
    name: 'docker',
    programs: ['dockerd', 'docker'],
    needsRoot: true,
    start: () => engine.start(),
    stop: () => engine.stop(),
    login: (home, { username, password }) =>
      home.run(
        dockerProgram(),
        ['-H', engine.host, 'login', '--username', username, '--password-stdin', home.registry],
        { input: password },
      ),
    build: () => build(),
    push: async (home, content, reference) => {
      await load(content, reference);
      return run(home, 'push', '--quiet', reference);
    },
    pull: async (home, reference) => {
      await forgetAll();
      const outcome = await run(home, 'pull', '--quiet', reference);
      if (outcome.code !== 0) return { ...outcome, identity: '' };
      return {
        ...outcome,
        identity: (await succeed(home, 'image', 'inspect', '--format', '{{.Id}}', reference)).trim(),
      };
    },
    buildIndex: async () => {
      const images = [await build(), await build()];
      return {
        source: images.map(({ source }) => source).join(' '),
        // A pull takes the one for this platform.
        identity: images[process.arch === 'arm64' ? 1 : 0]?.identity ?? '',
      };
    },
    pushIndex: async (home, { source }, reference) => {
      const references: string[] = [];
      for (const [index, name] of source.split(' ').entries()) {
        const child = `${reference}-${['amd64', 'arm64'][index]}`;
        await load({ source: name, identity: '' }, child);
        await succeed(home, 'push', '--quiet', child);
        references.push(child);
      }
      // The command line keeps lists under its home, and asks the registry by itself.
      rmSync(join(home.directory, 'manifests'), { recursive: true, force: true });
      await succeed(home, 'manifest', 'create', '--insecure', reference, ...references);
      for (const [index, child] of references.entries())
        await succeed(home, 'manifest', 'annotate', '--arch', ['amd64', 'arm64'][index] ?? '', reference, child);
      return run(home, 'manifest', 'push', '--insecure', reference);
    },
  };
}
