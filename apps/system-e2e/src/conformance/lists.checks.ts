import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../data-plane/http.js';
import { DataSetBuilder, TYPE } from './data-set.js';
import { pushBlob } from './push-forms.js';
import type { World } from './world.js';

const TAGS = ['0.9', '1.0', '1.0-rc.1', 'Latest', '_x', 'a', 'b', 'c', 'latest', 'zz'];

/** Tags by the page: byte order, `n`, `last`, `Link`. */
export function describeLists(world: World): void {
  describe('tags by the page', () => {
    let repository: string;
    const list = (query: string): Promise<Answer> => world.client.get(`/v2/${repository}/tags/list${query}`);
    const tagsOf = (answer: Answer): string[] => answer.json<{ tags: string[] }>().tags;

    beforeAll(async () => {
      repository = world.newRepository();
      const set = new DataSetBuilder('lists');
      set.image({ layers: [] });
      const { blobs, manifests } = set.build();
      for (const { content, digest } of blobs) await pushBlob(world.client, repository, content, digest);
      const [manifest] = manifests;
      const query = TAGS.map((tag) => `tag=${tag}`).join('&');
      const pushed = await world.client.send(
        'PUT',
        `/v2/${repository}/manifests/${manifest?.descriptor.digest}?${query}`,
        {
          body: manifest?.body ?? Buffer.alloc(0),
          headers: { 'content-type': TYPE.manifest },
        },
      );
      expect(pushed.status).toBe(201);
    });

    it('keeps byte order, and upper and lower case apart', async () => {
      expect(tagsOf(await list(''))).toEqual([...TAGS].sort());
    });

    it.each([1, 3, 4, 10])('comes in pages of %d, with a link from each to the next', async (n) => {
      const seen: string[] = [];
      let next: string | undefined = `/v2/${repository}/tags/list?n=${n}`;
      while (next !== undefined) {
        const page: Answer = await world.client.get(next);
        expect(tagsOf(page).length).toBeLessThanOrEqual(n);
        seen.push(...tagsOf(page));
        next = linkOf(page);
        if (next !== undefined) expect(tagsOf(page)).toHaveLength(n);
      }
      expect(seen).toEqual([...TAGS].sort());
    });

    it('is empty, without a link, for n=0', async () => {
      const answer = await list('?n=0');
      expect([tagsOf(answer), answer.headers.link]).toEqual([[], undefined]);
    });

    it('begins after `last`, which need not be a tag', async () => {
      expect(tagsOf(await list('?last=aa'))).toEqual(['b', 'c', 'latest', 'zz']);
      expect(tagsOf(await list('?last=b&n=1'))).toEqual(['c']);
      expect(tagsOf(await list('?last=zzz'))).toEqual([]);
    });

    it.each(['n=-1', 'n=x', 'n=1.5'])('refuses %s', async (query) => {
      expect((await list(`?${query}`)).status).toBe(400);
    });

    it('loses one tag when one is deleted, and all of them with their manifest', async () => {
      const before = tagsOf(await list(''));
      expect(await world.client.delete(`/v2/${repository}/manifests/a`)).toMatchObject({ status: 202 });
      expect(tagsOf(await list(''))).toEqual(before.filter((tag) => tag !== 'a'));
      const { headers } = await world.client.head(`/v2/${repository}/manifests/b`);
      const digest = headers['docker-content-digest'] as string;
      expect(await world.client.delete(`/v2/${repository}/manifests/${digest}`)).toMatchObject({ status: 202 });
      for (const tag of ['b', 'latest'])
        expect(await world.client.head(`/v2/${repository}/manifests/${tag}`)).toMatchObject({ status: 404 });
    });
  });
}

function linkOf({ headers }: Answer): string | undefined {
  const [, target] = /^<([^>]+)>; rel="next"$/.exec(String(headers.link ?? '')) ?? [];
  return target;
}
