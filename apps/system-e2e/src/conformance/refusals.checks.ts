import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parseChallenge } from '../data-plane/challenge.js';
import { exchange } from '../data-plane/http.js';
import { DataSetBuilder, TYPE } from './data-set.js';
import { REFERRERS_TYPE } from './expect-referrers.js';
import { expectLawful } from './lawful-answer.js';
import { closing, pushBlob } from './push-forms.js';
import { aRandomDigest, codesOf, type World } from './world.js';

/** The door, what is not there, and what is not well formed. */
export function describeRefusals(world: World): void {
  describe('the door', () => {
    it('challenges whoever does not say who they are, even before it looks at anything', async () => {
      for (const path of ['/v2/', `/v2/${world.newRepository()}/tags/list`]) {
        const url = new URL(path, world.client.origin);
        const answer = await exchange('GET', url, {});
        expectLawful('GET', url, answer);
        expect(answer.status).toBe(401);
        const challenge = parseChallenge(answer.headers['www-authenticate']);
        // Clients put their own query behind it.
        expect(new URL(challenge.realm)).toMatchObject({ origin: world.client.origin, search: '' });
      }
    });

    it('answers the ping of somebody whom it knows', async () => {
      const answer = await world.client.get('/v2/');
      expect([answer.status, answer.json()]).toEqual([200, {}]);
    });
  });

  describe('a repository that nobody has written to', () => {
    it('has no tags', async () => {
      const answer = await world.client.get(`/v2/${world.newRepository()}/tags/list`);
      expect([200, 404]).toContain(answer.status);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
    });

    it('has referrers: none', async () => {
      const answer = await world.client.get(`/v2/${world.newRepository()}/referrers/${aRandomDigest()}`);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, REFERRERS_TYPE]);
      expect(answer.json()).toEqual({ schemaVersion: 2, mediaType: REFERRERS_TYPE, manifests: [] });
    });

    it('has nothing to delete', async () => {
      const answer = await world.client.delete(`/v2/${world.newRepository()}/manifests/any`);
      expect(answer.status).toBe(404);
    });
  });

  describe('manifests', () => {
    const set = new DataSetBuilder('refusals');
    set.image({ tags: ['there'] });
    const { blobs, manifests } = set.build();
    const [image] = manifests;
    const { body, descriptor } = image ?? raise();
    let repository: string;
    const path = (reference: string): string => `/v2/${repository}/manifests/${reference}`;
    const put = (reference: string, content: Buffer, contentType: string = TYPE.manifest) =>
      world.client.send('PUT', path(reference), { body: content, headers: { 'content-type': contentType } });
    beforeAll(async () => {
      repository = world.newRepository();
      for (const { content, digest } of blobs) await pushBlob(world.client, repository, content, digest);
      expect(await put('there', body)).toMatchObject({ status: 201 });
    });

    it.each(['a-tag', 'sha256', 'sha512'])('are unknown when nobody pushed them: %s', async (kind) => {
      const reference = kind === 'a-tag' ? kind : aRandomDigest(kind === 'sha512' ? 'sha512' : 'sha256');
      const answer = await world.client.get(path(reference));
      expect([answer.status, codesOf(answer)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
      expect(await world.client.head(path(reference))).toMatchObject({ status: 404 });
      expect(await world.client.delete(path(reference))).toMatchObject({ status: 404 });
    });

    it('are not taken by a digest that is none, and not found by it', async () => {
      const pushed = await put('sha256:baddigeststring', body);
      expect([pushed.status, codesOf(pushed)]).toEqual([400, ['DIGEST_INVALID']]);
      for (const reference of ['sha256:baddigeststring', 'sha256:totallywrong'])
        expect([400, 404]).toContain((await world.client.get(path(reference))).status);
      expect((await put(descriptor.digest.toUpperCase().replace('SHA', 'sha'), body)).status).toBe(400);
    });

    it('are not found by a tag that is none', async () => {
      for (const method of ['GET', 'HEAD'])
        expect((await world.client.send(method, path('.INVALID_MANIFEST_NAME'))).status).toBe(404);
    });

    it.each(['sha256', 'sha512'] as const)('are not taken by the %s digest of something else', async (algorithm) => {
      const other = new DataSetBuilder('other', algorithm);
      other.image({ config: set.emptyObject(), layers: [] });
      const [manifest] = other.build().manifests;
      const altered = Buffer.concat([manifest?.body ?? raise(), Buffer.from('  ')]);
      const answer = await put(manifest?.descriptor.digest ?? '', altered);
      expect([answer.status, codesOf(answer)]).toEqual([400, ['DIGEST_INVALID']]);
    });

    it('are taken whatever parameters their type has, and served without', async () => {
      expect(await put('parameters', body, `${TYPE.manifest}; charset=utf-8`)).toMatchObject({ status: 201 });
      expect((await world.client.head(path('parameters'))).headers['content-type']).toBe(TYPE.manifest);
    });

    it('are not taken under a type that they deny', async () => {
      const answer = await put('denied', body, TYPE.index);
      expect([answer.status, codesOf(answer)]).toEqual([400, ['MANIFEST_INVALID']]);
    });

    it('are taken up to four megabytes and refused far beyond', async () => {
      const padded = (bytes: number): Buffer =>
        Buffer.concat([body, Buffer.alloc(Math.max(0, bytes - body.length), ' ')]);
      expect(await put('four-megabytes', padded(4_000_000))).toMatchObject({ status: 201 });
      expect(await put('sixteen-megabytes', padded(16_000_000))).toMatchObject({ status: 413 });
    });

    it.each([
      ['no JSON', 'hello'],
      ['no object', '[]'],
      ['nothing', ''],
      ['an image and an index at once', JSON.stringify({ ...JSON.parse(body.toString()), manifests: [] })],
      ['another schema', JSON.stringify({ ...JSON.parse(body.toString()), schemaVersion: 1 })],
    ])('are not taken when they are %s', async (_, text) => {
      const answer = await put('broken', Buffer.from(text));
      expect([answer.status, codesOf(answer)]).toEqual([400, ['MANIFEST_INVALID']]);
    });
  });

  it.each(['POST', 'GET', 'PUT', 'PATCH', 'DELETE'])('takes no %s for an upload that never began', async (method) => {
    const path = `/v2/${world.newRepository()}/blobs/uploads/0b5cd9f5-5f54-4ff5-a1c5-31f0c1d51c1f`;
    const answer = await world.client.send(method, closing(path, aRandomDigest()), { body: randomBytes(10) });
    expect([404, 405]).toContain(answer.status);
  });
}

function raise(): never {
  throw new Error('the set is empty');
}
