import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { begin, closing, patch, sendChunk } from './push-forms.js';
import { codesOf, digestOf, type World } from './world.js';

/** What only the suite of v1.1.1 asks: published results still come from it. */
export function describeOlderSuite(world: World): void {
  describe('stale locations', () => {
    it('tell how far the upload is, and take no chunk twice', async () => {
      const { client } = world;
      const repository = world.newRepository();
      const content = randomBytes(2048);
      const first = await begin(client, repository);
      const second = await sendChunk(client, first, content.subarray(0, 1024), 0);
      expect(await client.get(first)).toMatchObject({ status: 204, headers: { range: '0-1023' } });
      expect(await patch(client, first, content.subarray(0, 1024), 0)).toMatchObject({ status: 416 });
      const third = await sendChunk(client, second, content.subarray(1024), 1024);
      expect(await client.get(first)).toMatchObject({ status: 204, headers: { range: '0-2047' } });
      expect(await client.send('PUT', closing(third, digestOf(content)))).toMatchObject({ status: 201 });
    });

    it('are gone once the upload is closed', async () => {
      const { client } = world;
      const location = await begin(client, world.newRepository());
      const closed = await client.send('PUT', closing(location, digestOf('x')), { body: Buffer.from('x') });
      expect(closed.status).toBe(201);
      const stale = await client.get(location);
      expect([stale.status, codesOf(stale)]).toEqual([404, ['BLOB_UPLOAD_UNKNOWN']]);
    });
  });

  it('has nothing under the digest of an upload that is not closed', async () => {
    const { client } = world;
    const [repository, content] = [world.newRepository(), randomBytes(1024)];
    const location = await begin(client, repository);
    await sendChunk(client, location, content, 0);
    expect(await client.get(`/v2/${repository}/blobs/${digestOf(content)}`)).toMatchObject({ status: 404 });
    expect(await client.delete(location)).toMatchObject({ status: 204 });
  });

  it('gives a malformed digest a body with a known code', async () => {
    const answer = await world.client.get(`/v2/${world.newRepository()}/manifests/sha256:totallywrong`);
    expect([400, 404]).toContain(answer.status);
    expect(codesOf(answer)).toHaveLength(1);
  });
}
