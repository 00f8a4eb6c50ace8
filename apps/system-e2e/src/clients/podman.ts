import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tarOf } from '../content/tar.js';
import { ClientHome } from './client-home.js';
import type { ImageClient, LocalContent } from './image-client.js';
import { ContainerStorage } from './storage-client.js';

export function podman(directory: string): ImageClient {
  const storage = new ContainerStorage('podman', directory);
  const local = (): ClientHome => new ClientHome(join(directory, 'local'), '');
  const build = async (architecture = 'amd64'): Promise<LocalContent> => {
    const [home, name] = [local(), `localhost/${randomBytes(6).toString('hex')}:local`];
    const archive = join(home.directory, 'layer.tar');
    writeFileSync(archive, tarOf([{ name: 'file', content: randomBytes(5_000) }]));
    const id = await storage.succeed(home, ['import', '--quiet', '--arch', architecture, archive, name]);
    return storage.content(name, id);
  };
  return {
    name: 'podman',
    programs: ['podman'],
    login: (home, { username, password }) =>
      home.run('podman', ['login', '--tls-verify=false', '-u', username, '--password-stdin', home.registry], {
        input: password,
      }),
    build: () => build(),
    push: (home, { source }, reference) => storage.run(home, ['push', '--tls-verify=false', source, reference]),
    pull: (home, reference) => storage.pull(home, reference),
    buildIndex: async () => {
      const [home, list] = [local(), `localhost/${randomBytes(6).toString('hex')}:list`];
      const images = [await build('amd64'), await build('arm64')];
      await storage.succeed(home, ['manifest', 'create', list]);
      for (const { source } of images)
        await storage.succeed(home, ['manifest', 'add', list, `containers-storage:${source}`]);
      // A pull takes the one for this platform.
      return { source: list, identity: images[process.arch === 'arm64' ? 1 : 0]?.identity ?? '' };
    },
    pushIndex: (home, { source }, reference) =>
      storage.run(home, ['manifest', 'push', '--all', '--tls-verify=false', source, `docker://${reference}`]),
    listTags: async (home, repository) => {
      const printed = await storage.succeed(home, ['search', '--list-tags', '--tls-verify=false', repository]);
      // A table: NAME and TAG.
      const [, ...rows] = printed.trimEnd().split('\n');
      return rows.map((row) => row.trimEnd().split(/\s+/).at(-1) ?? '');
    },
  };
}
