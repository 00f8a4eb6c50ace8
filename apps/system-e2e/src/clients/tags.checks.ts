import { expect, it } from '@jest/globals';
import { basic, type Api } from '../system/api.js';
import type { ClientBench } from './client-bench.js';

/** What clients can do with names. */
export function describeTags({ client, api, at, project, maintainer }: ClientBench): void {
  if (client.listTags !== undefined)
    it('lists tags in byte order', async () => {
      const image = await client.build();
      for (const tag of ['b', 'a', 'C'])
        expect(await client.push(maintainer(), image, at(`${project()}/tags:${tag}`))).toMatchObject({ code: 0 });
      expect(await client.listTags?.(maintainer(), at(`${project()}/tags`))).toEqual(['C', 'a', 'b']);
    });

  if (client.remove !== undefined)
    it('deletes what it pushed', async () => {
      const reference = at(`${project()}/gone:1`);
      await client.push(maintainer(), await client.build(), reference);
      expect(await client.remove?.(maintainer(), reference)).toMatchObject({ code: 0 });
      expect(await statusOf(api(), `${project()}/gone`, '1')).toBe(404);
      expect((await client.pull(maintainer(), reference)).code).not.toBe(0);
    });
}

/** What an administrator is told about a manifest. */
export async function statusOf({ url, admin }: Api, repository: string, reference: string): Promise<number> {
  const headers = { authorization: basic(admin) };
  return (await fetch(`${url}/v2/${repository}/manifests/${reference}`, { method: 'HEAD', headers })).status;
}
