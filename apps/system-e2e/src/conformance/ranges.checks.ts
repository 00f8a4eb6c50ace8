import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { pushBlob } from './push-forms.js';
import { ALGORITHMS, digestOf, type World } from './world.js';

/** Parts of blobs, as resumed pulls ask for them. */
export function describeRanges(world: World): void {
  describe.each(ALGORITHMS)('%s blobs in parts', (algorithm) => {
    const content = randomBytes(2048);
    let path: string;

    beforeAll(async () => {
      const [repository, digest] = [world.newRepository(), digestOf(content, algorithm)];
      await pushBlob(world.client, repository, content, digest);
      path = `/v2/${repository}/blobs/${digest}`;
    });

    it.each([
      ['bytes=500-1499', 500, 1500],
      ['bytes=500-', 500, 2048],
      ['bytes=-500', 1548, 2048],
      ['bytes=2000-5000', 2000, 2048],
      ['bytes=0-0', 0, 1],
      ['bytes=-5000', 0, 2048],
    ])('serves %s', async (range, start, end) => {
      const answer = await world.client.get(path, { range });
      expect(answer.status).toBe(206);
      expect(answer.headers['content-length']).toBe(String(end - start));
      expect(answer.headers['content-range']).toBe(`bytes ${start}-${end - 1}/2048`);
      expect(answer.body.equals(content.subarray(start, end))).toBe(true);
    });

    it.each(['bytes=500-0', 'bytes=5000-10000', 'bytes=2048-'])('answers 416 to %s', async (range) => {
      const answer = await world.client.get(path, { range });
      expect(answer.status).toBe(416);
      // The length of the error, not of the blob.
      expect(answer.headers['content-length']).toBe(String(answer.body.length));
    });

    it('serves the whole for several ranges at once or an unknown unit', async () => {
      for (const range of ['bytes=0-1,5-6', 'lines=1-2']) {
        const answer = await world.client.get(path, { range });
        expect(answer).toMatchObject({ status: 200, body: content });
      }
    });
  });
}
