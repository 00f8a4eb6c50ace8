import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../data-plane/http.js';
import type { DataSet, SetManifest } from './data-set.js';
import { newDataSets } from './data-sets.js';
import { expectReferrers } from './expect-referrers.js';
import { pushBlob, pushFormOf } from './push-forms.js';
import type { World } from './world.js';

/** Every kind of content: pushed, listed, served, found by what it refers to, and deleted, in this order. */
export function describeDataSets(world: World): void {
  describe.each(newDataSets())('$name', (set) => {
    const tags = set.manifests.flatMap((manifest) => manifest.tags).sort();
    let repository: string;
    const manifestPath = (reference: string): string => `/v2/${repository}/manifests/${reference}`;
    beforeAll(() => void (repository = world.newRepository()));

    it('is pushed', async () => {
      for (const [index, { digest, content }] of set.blobs.entries())
        await pushBlob(world.client, repository, content, digest, pushFormOf(index));
      for (const manifest of set.manifests) await expectPushed(manifest, manifest.descriptor.digest);
      if (!set.isTaggedByParameter)
        for (const manifest of set.manifests) for (const tag of manifest.tags) await expectPushed(manifest, tag);
    });

    it('lists its tags', async () => {
      const list = async (query = ''): Promise<Answer> => world.client.get(`/v2/${repository}/tags/list${query}`);
      expect((await list()).json()).toEqual({ name: repository, tags });
      const middle = tags[Math.floor(tags.length / 2)] ?? '';
      expect((await list(`?last=${middle}`)).json()).toEqual({
        name: repository,
        tags: tags.filter((tag) => tag > middle),
      });
    });

    it('is served by digest and by tag, byte for byte', async () => {
      for (const { descriptor, body, tags } of set.manifests)
        for (const reference of [descriptor.digest, ...tags]) {
          const headers = {
            'content-type': descriptor.mediaType,
            'content-length': String(body.length),
            // A tag knows in which algorithm its manifest was pushed.
            'docker-content-digest': descriptor.digest,
          };
          expect(await world.client.head(manifestPath(reference))).toMatchObject({ status: 200, headers });
          const got = await world.client.get(manifestPath(reference));
          expect(got).toMatchObject({ status: 200, headers });
          expect(got.body.equals(body)).toBe(true);
        }
      for (const { digest, content } of set.blobs)
        expect((await world.client.get(`/v2/${repository}/blobs/${digest}`)).body.equals(content)).toBe(true);
    });

    it('is found by what it refers to', async () => {
      await expectReferrers(world.client, repository, set.manifests);
    });

    it('is deleted: tags, then manifests from the top, then blobs', async () => {
      for (const tag of tags) {
        expect(await world.client.delete(manifestPath(tag))).toMatchObject({ status: 202 });
        expect(await world.client.head(manifestPath(tag))).toMatchObject({ status: 404 });
      }
      for (const { descriptor } of set.manifests)
        // a deleted tag leaves its manifest
        expect(await world.client.head(manifestPath(descriptor.digest))).toMatchObject({ status: 200 });
      for (const { descriptor } of set.manifests.toReversed()) {
        // As in Harbor, children that have no tag and no other index go with theirs.
        expect([202, 404]).toContain((await world.client.delete(manifestPath(descriptor.digest))).status);
        expect(await world.client.head(manifestPath(descriptor.digest))).toMatchObject({ status: 404 });
      }
      for (const { digest } of set.blobs) {
        expect(await world.client.delete(`/v2/${repository}/blobs/${digest}`)).toMatchObject({ status: 202 });
        expect(await world.client.head(`/v2/${repository}/blobs/${digest}`)).toMatchObject({ status: 404 });
      }
      await expectReferrers(
        world.client,
        repository,
        set.manifests.map((manifest) => ({ ...manifest, isDeleted: true })),
      );
    });

    const expectPushed = async (manifest: SetManifest, reference: string): Promise<void> => {
      const { descriptor, body } = manifest;
      const pushed = await world.client.send('PUT', manifestPath(reference) + tagQuery(set, manifest), {
        body,
        // As Go's HTTP does with a body whose length it was not told.
        isStreamed: true,
        headers: { 'content-type': descriptor.mediaType },
      });
      expect([pushed.status, pushed.body.toString()]).toEqual([201, '']);
      expect(pushed.headers['docker-content-digest']).toBe(descriptor.digest);
      expect(pushed.headers['oci-subject']).toBe(manifest.subject ?? undefined);
      if (set.isTaggedByParameter) expect(listOf(pushed.headers['oci-tag'])).toEqual([...manifest.tags].sort());
      const located = await world.client.get(pushed.headers.location ?? '');
      expect(located.headers['content-type']).toBe(descriptor.mediaType);
      expect(located.body.equals(body)).toBe(true);
    };
  });
}

function tagQuery(set: DataSet, { tags }: SetManifest): string {
  return set.isTaggedByParameter && tags.length > 0 ? `?${tags.map((tag) => `tag=${tag}`).join('&')}` : '';
}

function listOf(header: string | string[] | undefined): string[] {
  return [header ?? []]
    .flat()
    .flatMap((value) => value.split(','))
    .map((tag) => tag.trim())
    .sort();
}
