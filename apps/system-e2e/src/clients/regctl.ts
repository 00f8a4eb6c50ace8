import type { ImageClient } from './image-client.js';
import { Layouts, takeIdentity } from './layout-client.js';

export function regctl(directory: string): ImageClient {
  const layouts = new Layouts(directory);
  const host = (registry: string): string => `reg=${registry},tls=disabled`;
  const hostOf = (reference: string): readonly string[] => ['--host', host(reference.split('/')[0] ?? '')];
  return {
    name: 'regctl',
    programs: ['regctl'],
    login: async (home, { username, password }) => {
      await home.succeed('regctl', ['registry', 'set', '--tls', 'disabled', '--skip-check', home.registry]);
      return home.run('regctl', ['registry', 'login', '-u', username, '--pass-stdin', home.registry], {
        input: password,
      });
    },
    build: async () => layouts.image(),
    buildIndex: async () => layouts.index(),
    push: (home, { source }, reference) =>
      home.run('regctl', [...hostOf(reference), 'image', 'copy', `ocidir://${source}:it`, reference]),
    pull: async (home, reference) => {
      const into = layouts.place();
      const outcome = await home.run('regctl', [
        ...hostOf(reference),
        'image',
        'copy',
        reference,
        `ocidir://${into}:it`,
      ]);
      return { ...outcome, identity: outcome.code === 0 ? takeIdentity(into) : '' };
    },
    listTags: async (home, repository) =>
      (await home.succeed('regctl', [...hostOf(repository), 'tag', 'ls', repository])).trimEnd().split('\n'),
    remove: (home, reference) => home.run('regctl', [...hostOf(reference), 'tag', 'rm', reference]),
  };
}
