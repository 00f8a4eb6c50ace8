import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { closing, pushBlob } from './push-forms.js';
import { ALGORITHMS, aRandomDigest, digestOf, type World } from './world.js';

/** A blob of one repository made known to another, without its bytes. */
export function describeMounts(world: World): void {
  describe.each(ALGORITHMS)('%s mounts', (algorithm) => {
    it.each([
      ['from a repository', (source: string) => `&from=${source}`],
      ['from wherever the caller may read it', () => ''],
    ])('mounts %s', async (_, from) => {
      const { client } = world;
      const [source, target, content] = [world.newRepository(), world.newRepository(), randomBytes(512)];
      const digest = digestOf(content, algorithm);
      await pushBlob(client, source, content, digest);
      const mounted = await client.send('POST', `/v2/${target}/blobs/uploads/?mount=${digest}${from(source)}`);
      expect(mounted.status).toBe(201);
      expect(new URL(mounted.headers.location ?? '', client.origin).pathname).toBe(`/v2/${target}/blobs/${digest}`);
      expect(mounted.headers['docker-content-digest']).toBe(digest);
      expect(await client.get(`/v2/${target}/blobs/${digest}`)).toMatchObject({ status: 200, body: content });
      // Neither of the two depends on the other.
      expect(await client.delete(`/v2/${source}/blobs/${digest}`)).toMatchObject({ status: 202 });
      expect(await client.get(`/v2/${target}/blobs/${digest}`)).toMatchObject({ status: 200, body: content });
    });

    it.each([
      ['from a repository', (source: string) => `&from=${source}`],
      ['from nowhere in particular', () => ''],
    ])('opens an upload instead where there is nothing to mount: %s', async (_, from) => {
      const { client } = world;
      const [source, target, content] = [world.newRepository(), world.newRepository(), randomBytes(512)];
      await pushBlob(client, source, Buffer.from('other'), digestOf('other'));
      const digest = digestOf(content, algorithm);
      const opened = await client.send('POST', `/v2/${target}/blobs/uploads/?mount=${digest}${from(source)}`);
      expect(opened.status).toBe(202);
      expect(await client.head(`/v2/${target}/blobs/${digest}`)).toMatchObject({ status: 404 });
      const closed = await client.send('PUT', closing(opened.headers.location ?? '', digest), { body: content });
      expect(closed.status).toBe(201);
    });
  });

  it('opens an upload where the source does not exist', async () => {
    const [target, missing] = [world.newRepository(), world.newRepository()];
    const answer = await world.client.send(
      'POST',
      `/v2/${target}/blobs/uploads/?mount=${aRandomDigest()}&from=${missing}`,
    );
    expect(answer.status).toBe(202);
  });
}
