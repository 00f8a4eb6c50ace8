import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { basic } from '../system/api.js';
import { Cluster } from './cluster/cluster.js';
import { processState, type ProcessState } from './cluster/process-state.js';
import { faultsConfig } from './faults.config.js';
import { digestOf } from './load/content.js';
import { leaveHalfWay } from './load/leaving.js';
import { Pushing } from './load/pushing.js';
import { Wire } from './load/wire.js';
import { expectAllIsWell } from './proof/all-is-well.js';
import { Random } from './random.js';

const MIB = 2 ** 20;
const [UPLOADS, PULLS, AT_ONCE] = [200, 60, 10];
const seed = faultsConfig.seed();

describe(`${UPLOADS} clients that leave in the middle of an upload (seed ${seed})`, () => {
  const random = new Random(seed);
  const body = random.bytes(3 * MIB);
  let cluster: Cluster;
  let wire: Wire;
  let pushing: Pushing;
  let pid: number;
  let before: ProcessState;

  beforeAll(async () => {
    cluster = await Cluster.start();
    wire = new Wire(basic(cluster.api.admin));
    pushing = new Pushing(wire, cluster.ports[0] ?? 0, `${await cluster.api.project()}/app`);
    pid = cluster.registries[0]?.pid ?? 0;
    // Connections to PostgreSQL, threads and buffers are made when they are first needed, and kept.
    await leave(4 * AT_ONCE, uploadHalfWay);
    await leave(2 * AT_ONCE, pullHalfWay);
    before = await settled();
  }, 360_000);

  afterAll(async () => {
    wire?.close();
    await cluster?.stop();
  });

  /** What is left when nobody is connected any more and nothing is being written. */
  async function settled(): Promise<ProcessState> {
    await heard();
    await eventually(async () => {
      expect(await cluster.rows('SELECT id FROM upload WHERE writer IS NOT NULL')).toEqual([]);
      expect(processState(pid).files.filter((path) => path.includes('/storage/'))).toEqual([]);
    });
    return processState(pid);
  }

  /**
   * Who has left may not even have been heard, and nothing is left of that. Connections are taken in their order: once
   * somebody who comes after all of them has written, they have.
   */
  async function heard(): Promise<void> {
    const last = new Wire(basic(cluster.api.admin));
    const after = new Pushing(last, cluster.ports[0] ?? 0, pushing.repository);
    expect(await after.chunk(await after.session(), 0, Buffer.from('after'))).toMatchObject({ status: 202 });
    last.close();
  }

  async function leave(count: number, once: () => Promise<void>): Promise<void> {
    for (let left = count; left > 0; left -= AT_ONCE)
      await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, once));
  }

  async function uploadHalfWay(): Promise<void> {
    const port = cluster.ports[0] ?? 0;
    const sent = body.subarray(0, random.chance(0.2) ? random.int(0, 100) : random.int(0, body.length));
    const isWhole = random.chance(0.3);
    const target = isWhole
      ? `/v2/${pushing.repository}/blobs/uploads/?digest=${digestOf(body)}`
      : await pushing.session();
    const headers = random.chance(0.2) ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) };
    await leaveHalfWay({
      port,
      method: isWhole ? 'POST' : random.pick(['PATCH', 'PUT']),
      target: isWhole || random.chance(0.5) ? target : `${target}?digest=${digestOf(body)}`,
      headers: { authorization: basic(cluster.api.admin), ...headers },
      body: 'transfer-encoding' in headers ? Buffer.from(`${body.length.toString(16)}\r\n${'x'.repeat(999)}`) : sent,
      isReset: random.chance(0.5),
    });
  }

  async function pullHalfWay(): Promise<void> {
    const blob = { mediaType: '', digest: digestOf(body), bytes: body };
    await pushing.blob(blob);
    await leaveHalfWay({
      port: cluster.ports[0] ?? 0,
      method: 'GET',
      target: `/v2/${pushing.repository}/blobs/${blob.digest}`,
      headers: { authorization: basic(cluster.api.admin) },
      readBytes: random.int(1, MIB),
      isReset: random.chance(0.5),
    });
  }

  it('keeps no socket, no file and no memory of them', async () => {
    await leave(UPLOADS, uploadHalfWay);
    await leave(PULLS, pullHalfWay);
    wire.close();
    await settled();
    await eventually(() => {
      const after = processState(pid);
      expect(after.sockets).toBeLessThanOrEqual(before.sockets + 1);
      expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 2);
    });
    // 260 clients that each sent up to 3 MiB: what stayed of them would be hundreds.
    const grownBytes = processState(pid).memoryBytes - before.memoryBytes;
    console.info(
      `seed ${seed}: ${before.descriptors} descriptors before, memory grew by ${Math.round(grownBytes / MIB)} MiB`,
    );
    expect(grownBytes).toBeLessThan(100 * MIB);
  }, 360_000);

  it('lets their uploads run out by themselves, with their bytes', async () => {
    await eventually(async () => {
      expect(await cluster.rows('SELECT id FROM upload')).toEqual([]);
      expect(await cluster.rows('SELECT object_key FROM trash')).toEqual([]);
    }, 240_000);
    await expectAllIsWell(cluster, wire);
  }, 360_000);
});
