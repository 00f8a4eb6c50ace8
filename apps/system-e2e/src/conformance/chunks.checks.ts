import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { OciClient } from '../data-plane/oci-client.js';
import { begin, chunksOf, closing, patch, rangeOf, sendChunk } from './push-forms.js';
import { ALGORITHMS, codesOf, digestOf, type World } from './world.js';

/** Uploads in chunks whose order goes wrong: 416, and the session lives on. */
export function describeChunks(world: World): void {
  describe.each(ALGORITHMS)('%s chunks out of order', (algorithm) => {
    it.each(['PATCH', 'PUT'] as const)('are refused and the upload goes on; the last is a %s', async (lastMethod) => {
      const { client } = world;
      const [repository, content] = [world.newRepository(), randomBytes(3 * 1024)];
      const digest = digestOf(content, algorithm);
      const chunks = chunksOf(content);
      let location = await begin(client, repository);
      for (const [index, [at, chunk]] of chunks.entries()) {
        const isLast = index === chunks.length - 1;
        // Skips ahead; at the end, jumps back to the beginning.
        const wrong = isLast ? 0 : at + chunk.length;
        const refused =
          isLast && lastMethod === 'PUT'
            ? await put(client, closing(location, digest), chunk, wrong)
            : await patch(client, location, chunk, wrong);
        expect([refused.status, codesOf(refused)]).toEqual([416, [expect.stringMatching(/INVALID/)]]);
        const asked = isLast && lastMethod === 'PUT' ? closing(location, digest) : location;
        location = await expectStatus(client, asked, at);
        if (isLast && lastMethod === 'PUT') {
          expect(await put(client, closing(location, digest), chunk, at)).toMatchObject({ status: 201 });
          expect(await client.get(`/v2/${repository}/blobs/${digest}`)).toMatchObject({ status: 200, body: content });
          return;
        }
        location = await sendChunk(client, location, chunk, at);
      }
      expect(await client.send('PUT', closing(location, digest))).toMatchObject({ status: 201 });
      expect(await client.get(`/v2/${repository}/blobs/${digest}`)).toMatchObject({ status: 200, body: content });
    });
  });

  it('takes chunks of several sizes, also such as fill no part of an S3 upload', async () => {
    const { client } = world;
    const repository = world.newRepository();
    const MEBIBYTE = 2 ** 20;
    const content = randomBytes(21 * MEBIBYTE + 17);
    const ends = [1, 5 * MEBIBYTE, 5 * MEBIBYTE + 3, 14 * MEBIBYTE, 21 * MEBIBYTE, content.length];
    let location = await begin(client, repository);
    let at = 0;
    for (const end of ends) {
      location = await sendChunk(client, location, content.subarray(at, end), at);
      at = end;
    }
    const digest = digestOf(content);
    expect(await client.send('PUT', closing(location, digest))).toMatchObject({ status: 201 });
    const pulled = await client.get(`/v2/${repository}/blobs/${digest}`);
    expect(pulled.body.equals(content)).toBe(true);
  });

  it.each(['5-', '-5', '9-1', 'a-b', '0-99999999999999999999'])('refuses the range %s', async (range) => {
    const { client } = world;
    const location = await begin(client, world.newRepository());
    const answer = await client.send('PATCH', location, { body: randomBytes(10), headers: { 'content-range': range } });
    expect([400, 416]).toContain(answer.status);
    await expectStatus(client, location, 0);
  });

  it('refuses a chunk whose length is not that of its range', async () => {
    const { client } = world;
    const content = randomBytes(100);
    const location = await begin(client, world.newRepository());
    const answer = await client.send('PATCH', location, {
      body: content.subarray(0, 10),
      headers: { 'content-range': '0-99' },
    });
    expect([400, 416]).toContain(answer.status);
    // Whether it keeps what came is its own business; it has to tell, and to go on from there.
    const status = await client.get(location);
    expect(['0-0', '0-9']).toContain(status.headers.range);
    const rest = status.headers.range === '0-9' ? content.subarray(10) : content;
    const end = await sendChunk(client, status.headers.location ?? '', rest, content.length - rest.length);
    expect(await client.send('PUT', closing(end, digestOf(content)))).toMatchObject({ status: 201 });
  });
}

function put(client: OciClient, location: string, body: Buffer, at: number): ReturnType<OciClient['send']> {
  return client.send('PUT', location, { body, headers: { 'content-range': rangeOf(at, body) } });
}

/** Asks how far the upload is. @returns where it goes on. */
async function expectStatus(client: OciClient, location: string, receivedBytes: number): Promise<string> {
  const status = await client.get(location);
  expect(status.status).toBe(204);
  // An upload that holds nothing says `0-0` as well: some clients cannot read a range that ends before it begins.
  expect(status.headers.range).toBe(`0-${Math.max(0, receivedBytes - 1)}`);
  return status.headers.location ?? '';
}
