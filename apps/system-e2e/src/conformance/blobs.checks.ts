import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { begin, closing, pushBlob, PUSH_FORMS } from './push-forms.js';
import { ALGORITHMS, aRandomDigest, codesOf, digestOf, type World } from './world.js';

const CONTENTS = [
  { what: 'a blob of three chunks and a bit', make: () => randomBytes(3500) },
  { what: 'a small blob', make: () => randomBytes(512) },
  { what: 'the empty blob', make: () => Buffer.alloc(0) },
  { what: 'the empty JSON object', make: () => Buffer.from('{}') },
];

/** Pushing, reading and deleting blobs, in every form and with both digest algorithms. */
export function describeBlobs(world: World): void {
  describe.each(ALGORITHMS)('%s blobs', (algorithm) => {
    it.each(
      CONTENTS.flatMap(({ what, make }) => PUSH_FORMS.map((form) => ({ what, form: form.name, make, by: form }))),
    )('takes $what by $form, serves it and forgets it', async ({ make, by }) => {
      const { client } = world;
      const [repository, content] = [world.newRepository(), make()];
      const digest = digestOf(content, algorithm);
      const path = `/v2/${repository}/blobs/${digest}`;

      const pushed = await by.push(client, repository, content, digest);
      expect(pushed.status).toBe(201);
      expect(pushed.headers['docker-content-digest']).toBe(digest);
      expect(await client.get(pushed.headers.location ?? '')).toMatchObject({ status: 200, body: content });

      const expected = {
        'content-length': String(content.length),
        'docker-content-digest': digest,
        'content-type': 'application/octet-stream',
        'accept-ranges': 'bytes',
      };
      const head = await client.head(path);
      expect(head).toMatchObject({ status: 200, headers: expected });
      expect(await client.get(path)).toMatchObject({ status: 200, headers: expected, body: content });

      expect(await client.delete(path)).toMatchObject({ status: 202 });
      expect(await client.head(path)).toMatchObject({ status: 404 });
      const gone = await client.get(path);
      expect([gone.status, codesOf(gone)]).toEqual([404, ['BLOB_UNKNOWN']]);
    });

    it('has no blob that nobody pushed', async () => {
      const { client } = world;
      const [repository, digest] = [world.newRepository(), aRandomDigest(algorithm)];
      expect(await client.get(`/v2/${repository}/blobs/${digest}`)).toMatchObject({ status: 404 });
      await pushBlob(client, repository, Buffer.from('other'), digestOf('other'));
      expect(await client.get(`/v2/${repository}/blobs/${digest}`)).toMatchObject({ status: 404 });
      expect(await client.delete(`/v2/${repository}/blobs/${digest}`)).toMatchObject({ status: 404 });
    });

    it('cancels an upload', async () => {
      const { client } = world;
      const location = await begin(client, world.newRepository());
      expect(await client.delete(location)).toMatchObject({ status: 204 });
      const gone = await client.get(location);
      expect([gone.status, codesOf(gone)]).toEqual([404, ['BLOB_UPLOAD_UNKNOWN']]);
    });

    it('opens an upload that announces its algorithm', async () => {
      const { client } = world;
      const [repository, content] = [world.newRepository(), randomBytes(512)];
      const digest = digestOf(content, algorithm);
      const opened = await client.send('POST', `/v2/${repository}/blobs/uploads/?digest-algorithm=${algorithm}`);
      expect(opened.status).toBe(202);
      const closed = await client.send('PUT', closing(opened.headers.location ?? '', digest), { body: content });
      expect(closed).toMatchObject({ status: 201, headers: { 'docker-content-digest': digest } });
    });

    it.each(PUSH_FORMS)('refuses content that is not what the digest says: $name', async (form) => {
      const { client } = world;
      const [repository, promised] = [world.newRepository(), aRandomDigest(algorithm)];
      const refused = await form.push(client, repository, randomBytes(3500), promised);
      expect([refused.status, codesOf(refused)]).toEqual([400, ['DIGEST_INVALID']]);
      expect(await client.head(`/v2/${repository}/blobs/${promised}`)).toMatchObject({ status: 404 });
    });
  });

  it.each(['?digest-algorithm=md5', `?digest=md5:${'0'.repeat(32)}`, '?digest=sha256:nonsense'])(
    'opens no upload for %s',
    async (query) => {
      const answer = await world.client.send('POST', `/v2/${world.newRepository()}/blobs/uploads/${query}`);
      expect(answer.status).toBe(400);
    },
  );
}
