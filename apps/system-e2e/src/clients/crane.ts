import type { ImageClient } from './image-client.js';
import { Layouts, takeIdentity } from './layout-client.js';

export function crane(directory: string): ImageClient {
  const layouts = new Layouts(directory);
  return {
    name: 'crane',
    programs: ['crane'],
    // `auth login` only writes the password down; `auth token` shows it to the registry.
    login: async (home, { username, password }) => {
      const kept = await home.run('crane', ['auth', 'login', home.registry, '-u', username, '--password-stdin'], {
        input: password,
      });
      return kept.code === 0 ? home.run('crane', ['auth', 'token', '--insecure', `${home.registry}/any/thing`]) : kept;
    },
    build: async () => layouts.image(),
    buildIndex: async () => layouts.index(),
    push: (home, { source }, reference) => home.run('crane', ['push', '--insecure', source, reference]),
    pull: async (home, reference) => {
      const into = layouts.place();
      const outcome = await home.run('crane', ['pull', '--insecure', '--format', 'oci', reference, into]);
      return { ...outcome, identity: outcome.code === 0 ? takeIdentity(into) : '' };
    },
    listTags: async (home, repository) =>
      (await home.succeed('crane', ['ls', '--insecure', repository])).trimEnd().split('\n'),
    remove: (home, reference) => home.run('crane', ['delete', '--insecure', reference]),
  };
}
