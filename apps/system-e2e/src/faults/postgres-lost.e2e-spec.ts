import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { basic } from '../system/api.js';
import { Cluster } from './cluster/cluster.js';
import { faultsConfig } from './faults.config.js';
import { ContentMaker, digestOf, type ArtifactContent } from './load/content.js';
import { Load } from './load/load.js';
import { Pushing } from './load/pushing.js';
import { closing } from './load/upload-session.js';
import { Wire, type Heard } from './load/wire.js';
import { expectAllIsWell } from './proof/all-is-well.js';
import { Random } from './random.js';

/** How long a request may wait for a connection to PostgreSQL, and some more for a busy machine to say so. */
const LONGEST_WAIT_MS = 10_000 + 15_000;
const KILLS = 3;

const seed = faultsConfig.seed();

describe(`PostgreSQL killed and started again (seed ${seed})`, () => {
  const random = new Random(seed);
  const content = new ContentMaker(random, 200_000);
  let cluster: Cluster;
  let wire: Wire;
  let project: string;
  let artifact: ArtifactContent;
  let pushing: Pushing;

  beforeAll(async () => {
    // A session and the blobs of a push are to be there still when PostgreSQL is back.
    cluster = await Cluster.start({ registries: 2, lives: { blobLeaseSeconds: 20, uploadTtlSeconds: 600 } });
    project = await cluster.api.project();
    wire = new Wire(basic(cluster.api.admin));
    pushing = new Pushing(wire, cluster.ports[0] ?? 0, `${project}/by-hand`);
    artifact = content.image(random);
    await pushing.artifact(artifact, 'v1');
  }, 270_000);

  afterAll(async () => {
    wire?.close();
    await cluster?.stop();
  });

  it('answers 503 with Retry-After meanwhile, and goes on where it was when it is back', async () => {
    const { repository } = pushing;
    const [blob] = artifact.blobs;
    const bytes = random.bytes(100_000);
    const location = await pushing.session();
    expect(await pushing.chunk(location, 0, bytes.subarray(0, 60_000))).toMatchObject({ status: 202 });
    const requests: readonly (() => Promise<Heard | null>)[] = [
      () => pushing.ask('GET', `/v2/${repository}/manifests/v1`),
      () => pushing.ask('HEAD', `/v2/${repository}/manifests/v1`),
      () => pushing.ask('HEAD', `/v2/${repository}/blobs/${blob?.digest}`),
      () => pushing.ask('GET', `/v2/${repository}/blobs/${blob?.digest}`),
      () => pushing.ask('GET', `/v2/${repository}/tags/list`),
      () => pushing.ask('POST', `/v2/${repository}/blobs/uploads/`),
      () => pushing.ask('POST', `/v2/${repository}/blobs/uploads/?mount=${blob?.digest}`),
      () => pushing.chunk(location, 60_000, bytes.subarray(60_000)),
      () => pushing.ask('GET', location),
      () => pushing.ask('PUT', `/v2/${repository}/manifests/v2`, { body: artifact.bytes }),
      () => pushing.ask('DELETE', `/v2/${repository}/manifests/v1`),
      () => pushing.ask('GET', '/api/v2.0/users?page_size=1'),
      () => pushing.ask('GET', `/api/v2.0/users/current`),
    ];
    await cluster.postgres.kill();
    const refused = await Promise.all(requests.map((ask) => ask()));
    await cluster.postgres.start();
    expect(refused.map((answer) => [answer?.status, Number(answer?.headers['retry-after']) > 0])).toEqual(
      requests.map(() => [503, true]),
    );
    for (const answer of refused) expect(answer?.body.toString()).not.toMatch(/ECONN|127\.0\.0\.1|at .*\.js/);

    await eventually(async () => {
      for (const { port } of cluster.registries)
        expect(await wire.ask([port], 'GET', `/v2/${repository}/manifests/v1`)).toMatchObject({ status: 200 });
      expect(await pushing.ask('GET', '/api/v2.0/users/current')).toMatchObject({ status: 200 });
    });
    expect(await pushing.received(location)).toBe(60_000);
    expect(await pushing.chunk(location, 60_000, bytes.subarray(60_000))).toMatchObject({ status: 202 });
    const digest = digestOf(bytes);
    expect(await pushing.ask('PUT', closing(location, digest))).toMatchObject({ status: 201 });
    expect(wire.longestMs).toBeLessThan(LONGEST_WAIT_MS);
  });

  it('loses nothing that was acknowledged while it died again and again', async () => {
    const load = new Load(cluster, project, random.fork(), {
      rawUsers: 4,
      clientUsers: 0,
      registry: '',
      maxLayerBytes: 200_000,
      losesEmptySessions: true,
    });
    const end = new AbortController();
    const using = load.run(end.signal);
    for (let kill = 0; kill < KILLS; kill++) {
      const before = load.pushes;
      await eventually(() => expect(load.pushes).toBeGreaterThan(before + 2), 120_000);
      await delay(random.int(0, 300));
      await cluster.postgres.kill();
      await delay(random.int(0, 1_000));
      await cluster.postgres.start();
    }
    const before = load.pushes;
    await eventually(() => expect(load.pushes).toBeGreaterThan(before + 2), 120_000);
    end.abort();
    await using;
    console.info(`seed ${seed}: ${load.pushes} pushes, PostgreSQL killed ${KILLS} times`);
    expect(load.findings.all).toEqual([]);
    expect(load.wire.silences).toBe(0);
    expect(load.wire.longestMs).toBeLessThan(LONGEST_WAIT_MS);
    await expectAllIsWell(cluster, load.wire, load.ledgers);
    load.wire.close();
  }, 720_000);
});
