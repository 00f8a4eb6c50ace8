import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { basic } from '../system/api.js';
import { Cluster, LONG_LIVES } from './cluster/cluster.js';
import { canMount, SmallVolume } from './cluster/small-volume.js';
import { faultsConfig } from './faults.config.js';
import { ContentMaker, digestOf, type ArtifactContent } from './load/content.js';
import { Pushing } from './load/pushing.js';
import { closing } from './load/upload-session.js';
import { Wire, type Heard } from './load/wire.js';
import { expectAllIsWell } from './proof/all-is-well.js';
import { WholePuller } from './proof/whole.js';
import { Random } from './random.js';

const MIB = 2 ** 20;
/** 40 MiB, of which 24 can be taken away and given back. */
const [VOLUME_MIB, BALLAST] = [40, 24 * MIB];
const seed = faultsConfig.seed();
const isPossible = canMount() || faultsConfig.mustRunAll();

(isPossible ? describe : describe.skip)(`storage without room (seed ${seed}; needs the right to mount)`, () => {
  const random = new Random(seed);
  const bytes = random.bytes(28 * MIB);
  const digest = digestOf(bytes);
  let volume: SmallVolume;
  let cluster: Cluster;
  let wire: Wire;
  let pushing: Pushing;
  let artifact: ArtifactContent;
  let location: string;

  beforeAll(async () => {
    cluster = await Cluster.start({
      // This session waits for room.
      lives: LONG_LIVES,
      storage: (directory) => {
        volume = new SmallVolume(directory, VOLUME_MIB);
        return volume.storage();
      },
    });
    wire = new Wire(basic(cluster.api.admin));
    pushing = new Pushing(wire, cluster.ports[0] ?? 0, `${await cluster.api.project()}/app`);
    artifact = new ContentMaker(random, 100_000).image(random);
    await pushing.artifact(artifact, 'v1');
    await volume.occupy(BALLAST);
    location = await pushing.session();
    expect(await pushing.chunk(location, 0, bytes.subarray(0, 4 * MIB))).toMatchObject({ status: 202 });
  }, 360_000);

  afterAll(async () => {
    wire?.close();
    await cluster?.stop();
  });

  it('says 507, what is wrong, and how far it came', async () => {
    const refused = await pushing.chunk(location, 4 * MIB, bytes.subarray(4 * MIB));
    expectNoRoom(refused);
    const received = await pushing.received(location);
    expect(received).toBeGreaterThanOrEqual(4 * MIB);
    expect(received).toBeLessThan(bytes.length);
    const [upload] = await cluster.rows('SELECT writer, received_bytes::int FROM upload');
    expect(upload).toEqual({ writer: null, received_bytes: received });
  });

  it('says so for a blob in one request too, which leaves nothing behind', async () => {
    const target = `/v2/${pushing.repository}/blobs/uploads/?digest=${digest}`;
    expectNoRoom(await pushing.ask('POST', target, { body: bytes }));
    expect(await pushing.ask('HEAD', `/v2/${pushing.repository}/blobs/${digest}`)).toMatchObject({ status: 404 });
    // Only the session that waits is left, and it has given way to nobody.
    await eventually(async () => {
      expect(await cluster.rows('SELECT object_key FROM trash')).toEqual([]);
      expect(await cluster.rows('SELECT id FROM upload')).toHaveLength(1);
    });
  });

  it('is ready all the while, for pulls go on', async () => {
    const ready = await fetch(`http://127.0.0.1:${cluster.ports[0]}/healthz/ready`);
    expect([ready.status, await ready.text()]).toEqual([200, expect.any(String)]);
    const puller = new WholePuller(wire, cluster.ports, random);
    expect(await puller.faultsOf(pushing.repository, 'v1')).toEqual([]);
  });

  it('goes on with the session once there is room', async () => {
    await volume.free();
    const received = await pushing.received(location);
    expect(received).toBeGreaterThanOrEqual(4 * MIB);
    expect(await pushing.chunk(location, received, bytes.subarray(received))).toMatchObject({ status: 202 });
    expect(await pushing.ask('PUT', closing(location, digest))).toMatchObject({ status: 201 });
    const stored = await pushing.ask('GET', `/v2/${pushing.repository}/blobs/${digest}`);
    expect(digestOf(stored?.body ?? Buffer.alloc(0))).toBe(digest);
  });

  it('has lost nothing and kept nothing', async () => {
    await expectAllIsWell(cluster, wire);
  }, 360_000);
});

function expectNoRoom(answer: Heard | null): void {
  expect(answer?.status).toBe(507);
  const { errors } = JSON.parse(answer?.body.toString() ?? '') as { errors: { message: string }[] };
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toMatch(/no room/);
}
