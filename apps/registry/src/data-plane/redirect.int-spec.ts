import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithS3, startS3Server, type S3Server } from '@breakwater/testing';
import { randomBytes } from 'node:crypto';
import { digestOf, HttpClient } from '../testing/http-client.js';
import { RegistryHarness, ROLE } from '../testing/registry-harness.js';

describeWithS3('downloads over S3', () => {
  let s3: S3Server;
  let harness: RegistryHarness;
  let redirecting: HttpClient;
  let passing: HttpClient;
  const large = randomBytes(3 * 2 ** 20);
  const small = Buffer.from('small');
  const path = (content: Buffer): string => `/v2/team/app/blobs/${digestOf(content)}`;

  beforeAll(async () => {
    s3 = await startS3Server();
    harness = await RegistryHarness.create();
    const project = await harness.project('team');
    const user = await harness.user({ [project.id]: ROLE.developer });
    const environment = {
      BREAKWATER_STORAGE_DRIVER: 's3',
      BREAKWATER_S3_BUCKET: s3.bucket,
      BREAKWATER_S3_REGION: s3.region,
      BREAKWATER_S3_ENDPOINT: s3.endpoint,
      BREAKWATER_S3_FORCE_PATH_STYLE: 'true',
      BREAKWATER_S3_ACCESS_KEY_ID: s3.accessKeyId,
      BREAKWATER_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    };
    passing = new HttpClient(await harness.start({ environment }), user.basic);
    const redirect = { ...environment, BREAKWATER_STORAGE_REDIRECT: 'true' };
    redirecting = new HttpClient(await harness.start({ environment: redirect }), user.basic);
    for (const content of [large, small]) await passing.pushBlob('team/app', content);
  });
  afterAll(async () => {
    redirecting.close();
    passing.close();
    await harness.close();
    await s3.stop();
  });

  it('pass through us unless the setting says otherwise', async () => {
    const answer = await passing.get(path(large));
    expect([answer.status, answer.body.equals(large)]).toEqual([200, true]);
  });

  it('are sent to the bucket where it does: an address that works, for a while, and is kept by nobody', async () => {
    const answer = await redirecting.get(path(large));
    expect(answer.status).toBe(307);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'docker-content-digest': digestOf(large),
      'content-length': '0',
    });
    const stored = await fetch(answer.headers.location ?? '');
    expect(Buffer.from(await stored.arrayBuffer()).equals(large)).toBe(true);
    const part = await fetch(answer.headers.location ?? '', { headers: { Range: 'bytes=5-9' } });
    expect(Buffer.from(await part.arrayBuffer()).equals(large.subarray(5, 10))).toBe(true);
  });

  it('are passed through where the blob is small', async () => {
    expect((await redirecting.get(path(small))).body).toEqual(small);
  });

  it('HEAD is answered by us: an address is good for one method', async () => {
    const answer = await redirecting.head(path(large));
    expect([answer.status, answer.headers['content-length']]).toEqual([200, String(large.length)]);
  });

  it('a range that the blob has not is refused by us', async () => {
    expect((await redirecting.get(path(large), { Range: 'bytes=500-0' })).status).toBe(416);
  });
});
