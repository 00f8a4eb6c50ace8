import type { ImageClient } from './image-client.js';
import { Layouts, takeIdentity } from './layout-client.js';

export function oras(directory: string): ImageClient {
  const layouts = new Layouts(directory);
  return {
    name: 'oras',
    programs: ['oras'],
    login: (home, { username, password }) =>
      home.run('oras', ['login', '--plain-http', '-u', username, '--password-stdin', home.registry], {
        input: password,
      }),
    build: async () => layouts.image(),
    buildIndex: async () => layouts.index(),
    push: (home, { source }, reference) =>
      home.run('oras', ['cp', '--from-oci-layout', '--to-plain-http', '--no-tty', `${source}:it`, reference]),
    pull: async (home, reference) => {
      const into = layouts.place();
      const outcome = await home.run('oras', [
        ...['cp', '--to-oci-layout', '--from-plain-http', '--no-tty', reference, `${into}:it`],
      ]);
      return { ...outcome, identity: outcome.code === 0 ? takeIdentity(into) : '' };
    },
    listTags: async (home, repository) =>
      (await home.succeed('oras', ['repo', 'tags', '--plain-http', repository])).trimEnd().split('\n'),
    remove: (home, reference) => home.run('oras', ['manifest', 'delete', '--plain-http', '--force', reference]),
  };
}
