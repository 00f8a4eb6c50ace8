import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClientHome } from './client-home.js';
import type { ImageClient, LocalContent } from './image-client.js';
import { ContainerStorage } from './storage-client.js';

/** Builds for real, from a Containerfile, and pushes what it built. */
export function buildah(directory: string): ImageClient {
  const storage = new ContainerStorage('buildah', directory);
  const local = (): ClientHome => new ClientHome(join(directory, 'local'), '');
  const build = async (more: readonly string[] = []): Promise<LocalContent> => {
    const [home, context] = [local(), storage.context()];
    const id = join(context.directory, 'id');
    await storage.succeed(home, [
      ...['bud', '--isolation', 'chroot', '--iidfile', id, '--file', join(context.directory, 'Containerfile')],
      ...[...more, '--tag', context.name, context.directory],
    ]);
    return storage.content(context.name, readFileSync(id, 'utf8'));
  };
  return {
    name: 'buildah',
    programs: ['buildah'],
    login: (home, { username, password }) =>
      home.run('buildah', ['login', '--tls-verify=false', '-u', username, '--password-stdin', home.registry], {
        input: password,
      }),
    build: () => build(),
    push: (home, { source }, reference) => storage.run(home, ['push', '--tls-verify=false', source, reference]),
    pull: (home, reference) => storage.pull(home, reference),
    buildIndex: async () => {
      const list = `localhost/${randomBytes(6).toString('hex')}:list`;
      const amd64 = await build(['--platform', 'linux/amd64', '--manifest', list]);
      const arm64 = await build(['--platform', 'linux/arm64', '--manifest', list]);
      return { source: list, identity: (process.arch === 'arm64' ? arm64 : amd64).identity };
    },
    pushIndex: (home, { source }, reference) =>
      storage.run(home, ['manifest', 'push', '--all', '--tls-verify=false', source, `docker://${reference}`]),
  };
}
