import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { TYPE } from '../conformance/data-set.js';
import { expectLawful } from '../conformance/lawful-answer.js';
import { begin, closing, patch, sendChunk } from '../conformance/push-forms.js';
import { digestOf } from '../conformance/world.js';
import { exchange } from '../data-plane/http.js';
import { basic, type Credentials } from '../system/api.js';
import { OciClient } from '../data-plane/oci-client.js';
import type { TwoReplicas } from './two-replicas.js';

const MEBIBYTE = 2 ** 20;

/** One upload by turns through both. What one has hashed so far the other has to find out by itself. */
export function describeAlternatingUploads(replicas: TwoReplicas): void {
  describe('an upload', () => {
    let project: string;
    let developer: Credentials;
    let one: OciClient;
    let other: OciClient;

    beforeAll(async () => {
      project = await replicas.api.project();
      developer = await replicas.api.member(project, 'developer');
      const [first = '', second = ''] = replicas.urls;
      one = new DirectClient(first, developer);
      other = new DirectClient(second, developer);
    });

    it.each(['sha256', 'sha512'] as const)('goes on at the other replica with each chunk, %s', async (algorithm) => {
      const repository = `${project}/alternating`;
      const content = randomBytes(13 * MEBIBYTE + 5);
      const ends = [3 * MEBIBYTE, 3 * MEBIBYTE + 1, 9 * MEBIBYTE, content.length];
      let location = pathOf(await begin(one, repository));
      let at = 0;
      for (const [turn, end] of ends.entries()) {
        const chunk = content.subarray(at, end);
        location = pathOf(await sendChunk(turn % 2 === 0 ? other : one, location, chunk, at));
        at = end;
      }
      const digest = digestOf(content, algorithm);
      expect(await one.send('PUT', closing(location, digest))).toMatchObject({ status: 201 });
      for (const client of [one, other]) {
        const pulled = await client.get(`/v2/${repository}/blobs/${digest}`);
        expect(pulled.body.equals(content)).toBe(true);
      }
    });

    it('tells the same about itself everywhere, and is gone everywhere once it is cancelled', async () => {
      const location = pathOf(await begin(one, `${project}/cancelled`));
      await sendChunk(other, location, randomBytes(2000), 0);
      for (const client of [one, other])
        expect(await client.get(location)).toMatchObject({ status: 204, headers: { range: '0-1999' } });
      expect(await patch(one, location, randomBytes(10), 500)).toMatchObject({ status: 416 });
      expect(await other.delete(location)).toMatchObject({ status: 204 });
      for (const client of [one, other]) expect(await client.get(location)).toMatchObject({ status: 404 });
    });

    it('takes a chunk only once when both replicas get it at the same time', async () => {
      const [repository, content] = [`${project}/racing`, randomBytes(MEBIBYTE)];
      const location = pathOf(await begin(one, repository));
      const answers = await Promise.all([patch(one, location, content, 0), patch(other, location, content, 0)]);
      const taken = answers.filter(({ status }) => status === 202);
      // The loser is told to look (416), or to wait.
      expect(taken).toHaveLength(1);
      expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
      expect(await one.get(location)).toMatchObject({ status: 204, headers: { range: `0-${MEBIBYTE - 1}` } });
      const closed = await other.send('PUT', closing(location, digestOf(content)));
      expect(closed.status).toBe(201);
    });

    it('shows at once on one what was pushed to the other: blobs, and where a tag points', async () => {
      const repository = `${project}/visible`;
      for (const [from, to] of [
        [one, other],
        [other, one],
        [one, other],
      ] as const) {
        const content = randomBytes(100);
        const blob = `/v2/${repository}/blobs/${digestOf(content)}`;
        expect(await to.head(blob)).toMatchObject({ status: 404 });
        const upload = `/v2/${repository}/blobs/uploads/?digest=${digestOf(content)}`;
        expect(await from.send('POST', upload, { body: content })).toMatchObject({ status: 201 });
        expect(await to.get(blob)).toMatchObject({ status: 200, body: content });

        const manifest = anIndex(content.toString('hex'));
        const tag = `/v2/${repository}/manifests/moving`;
        const headers = { 'content-type': TYPE.index };
        expect(await from.send('PUT', tag, { body: manifest, headers })).toMatchObject({ status: 201 });
        expect(await to.get(tag)).toMatchObject({ status: 200, body: manifest });
      }
    });
  });
}

/** Talks to one replica with a password: tokens come from the address in front of both. */
class DirectClient extends OciClient {
  override async send(...[method, target, sent = {}]: Parameters<OciClient['send']>): ReturnType<OciClient['send']> {
    const url = new URL(target, this.origin);
    const headers = { ...sent.headers, authorization: basic(this.who ?? { username: '', password: '' }) };
    const answer = await exchange(method, url, { ...sent, headers });
    expectLawful(method, url, answer);
    return answer;
  }
}

/** The same upload, wherever. */
function pathOf(location: string): string {
  const url = new URL(location, 'http://relative');
  return url.pathname + url.search;
}

function anIndex(unique: string): Buffer {
  return Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: TYPE.index, manifests: [], annotations: { unique } }),
  );
}
