import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@breakwater/testing';
import { begin, closing, patch } from '../conformance/push-forms.js';
import { digestOf } from '../conformance/world.js';
import { sendAndBreakOff } from '../data-plane/cut-short.js';
import { OciClient } from '../data-plane/oci-client.js';
import { aMember, aProject, type Credentials } from '../system/api.js';
import { installation } from '../system/installation.js';
import { writersOf } from '../system/writers.js';

const BODY_BYTES = 3_000_000;

/** A push whose connection breaks, as networks and laptops do it, and that goes on where it was. */
describe('a push that was broken off', () => {
  let project: string;
  let developer: Credentials;
  let client: OciClient;

  beforeAll(async () => {
    project = await aProject();
    developer = await aMember(project, 'developer');
    client = new OciClient(installation().url, developer);
  });

  const cuts = [0, 1, 65_536, 1_234_567, BODY_BYTES - 1];
  const ways = (['PATCH', 'PUT'] as const).flatMap((method) =>
    [false, true].flatMap((isStreamed) => cuts.map((sentBytes) => ({ method, isStreamed, sentBytes }))),
  );

  it.each(ways)('goes on: $method cut after $sentBytes bytes, streamed: $isStreamed', async (way) => {
    const [repository, content] = [`${project}/broken`, randomBytes(BODY_BYTES)];
    const digest = digestOf(content);
    const location = await begin(client, repository);
    const target = way.method === 'PUT' ? closing(location, digest) : location;
    const url = new URL(target, installation().url);
    await sendAndBreakOff({ ...way, url, who: developer, body: content, hasBegun: () => untilWritten(location) });

    expect(await client.head(`/v2/${repository}/blobs/${digest}`)).toMatchObject({ status: 404 });
    const end = await goOn(client, location, content, way.sentBytes);
    expect(await client.send('PUT', closing(end, digest))).toMatchObject({ status: 201 });
    const pulled = await client.get(`/v2/${repository}/blobs/${digest}`);
    expect(pulled.body.equals(content)).toBe(true);
  });

  it('goes on after it broke off many times', async () => {
    const [repository, content] = [`${project}/often`, randomBytes(BODY_BYTES)];
    const location = await begin(client, repository);
    // None of one byte: a reset may throw away all that came before, and `0-0` does not tell one byte from none.
    for (const piece of [100_000, 2, 700_000, 50_000]) {
      const at = await receivedBytes(client, location);
      await sendAndBreakOff({
        method: 'PATCH',
        url: new URL(location, installation().url),
        who: developer,
        body: content.subarray(at),
        sentBytes: piece,
        isStreamed: true,
        hasBegun: () => untilWritten(location),
      });
      // What comes next says no range: it has to know for certain where it goes on.
      await eventually(async () => expect(await writersOf(location)).toBe(0));
    }
    const end = await goOn(client, location, content, BODY_BYTES);
    expect(await client.send('PUT', closing(end, digestOf(content)))).toMatchObject({ status: 201 });
    const pulled = await client.get(`/v2/${repository}/blobs/${digestOf(content)}`);
    expect(pulled.body.equals(content)).toBe(true);
  });

  it('keeps what another user began from everybody else', async () => {
    const other = new OciClient(installation().url, await aMember(project, 'developer'));
    const location = await begin(client, `${project}/mine`);
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect((await other.send(method, location, { body: Buffer.from('x') })).status).toBe(404);
    expect(await client.delete(location)).toMatchObject({ status: 204 });
  });
});

function untilWritten(location: string): Promise<void> {
  return eventually(async () => expect(await writersOf(location)).toBe(1));
}

/**
 * Asks how far the upload is and sends the rest, as the spec says that a client does. While the server has not noticed
 * yet that the old connection is gone, it may refuse: the client asks again.
 */
function goOn(client: OciClient, location: string, content: Buffer, atMostBytes: number): Promise<string> {
  return eventually(async () => {
    let at = await receivedBytes(client, location);
    let sent = await patch(client, location, content.subarray(at), at);
    // An upload that has its first byte takes no other one.
    if (at === 0 && sent.status === 416) sent = await patch(client, location, content.subarray((at = 1)), at);
    expect(at).toBeLessThanOrEqual(atMostBytes);
    expect(sent.status).toBe(202);
    return sent.headers.location ?? '';
  });
}

/** `0-0` says one byte or none: here it is none. */
async function receivedBytes(client: OciClient, location: string): Promise<number> {
  const status = await client.get(location);
  expect(status.status).toBe(204);
  const [, last] = /^0-(\d+)$/.exec(String(status.headers.range)) ?? [];
  return last === '0' ? 0 : Number(last) + 1;
}
