import type { ImageClient } from './image-client.js';
import { Layouts, takeIdentity } from './layout-client.js';

export function skopeo(directory: string): ImageClient {
  const layouts = new Layouts(directory);
  const copy = ['copy', '--all', '--src-tls-verify=false', '--dest-tls-verify=false'];
  return {
    name: 'skopeo',
    programs: ['skopeo'],
    login: (home, { username, password }) =>
      home.run('skopeo', ['login', '--tls-verify=false', '-u', username, '--password-stdin', home.registry], {
        input: password,
      }),
    build: async () => layouts.image(),
    buildIndex: async () => layouts.index(),
    push: (home, { source }, reference) => home.run('skopeo', [...copy, `oci:${source}:it`, `docker://${reference}`]),
    pull: async (home, reference) => {
      const into = layouts.place();
      const outcome = await home.run('skopeo', [...copy, `docker://${reference}`, `oci:${into}:it`]);
      return { ...outcome, identity: outcome.code === 0 ? takeIdentity(into) : '' };
    },
    listTags: async (home, repository) => {
      const printed = await home.succeed('skopeo', ['list-tags', '--tls-verify=false', `docker://${repository}`]);
      return (JSON.parse(printed) as { Tags: string[] }).Tags;
    },
    remove: (home, reference) => home.run('skopeo', ['delete', '--tls-verify=false', `docker://${reference}`]),
  };
}
