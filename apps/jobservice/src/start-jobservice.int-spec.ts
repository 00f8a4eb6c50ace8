import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '@breakwater/config';
import { SILENT } from '@breakwater/observability';
import { NodeProcess, eventually, FaultyLine } from '@breakwater/testing';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { JobserviceConfig } from './jobservice.config.js';
import { type RunningJobservice, startJobservice } from './start-jobservice.js';
import { createJobWorld, type JobWorld } from './testing/job-world.js';

const NEVER = new AbortController().signal;

describe('jobservice', () => {
  let world: JobWorld;
  let running: RunningJobservice | null;

  beforeEach(async () => {
    world = await createJobWorld();
    running = null;
  });
  afterEach(async () => {
    await running?.stop();
    await world.close();
  });

  const configured = (over: Record<string, string> = {}): JobserviceConfig =>
    loadConfig(JobserviceConfig, { ...world.environment, ...over }, () => undefined);

  const ask = (path: string, port = running?.port): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
  const isGone = async (key: string): Promise<void> => expect(await world.store.stat(key)).toBeNull();

  it('collects, again and again, and tells what it did', async () => {
    running = await startJobservice(configured(), SILENT, NEVER);
    const first = await world.trash();
    await eventually(() => isGone(first));
    const second = await world.trash();
    await eventually(() => isGone(second));
    await eventually(async () => expect((await ask('/healthz/ready')).status).toBe(200));
    await eventually(async () => {
      const text = await (await ask('/metrics')).text();
      expect(text).toContain('breakwater_collected_total{kind="objects",app="jobservice"} 2');
      expect(text).toContain('breakwater_collected_bytes_total{app="jobservice"} 26');
      expect(text).toMatch(/collector_last_pass_timestamp_seconds\S* [1-9]/);
    });
  });

  it('ends the batch that it is at, and then stops', async () => {
    const held = await holdPurge();
    running = await startJobservice(configured(), SILENT, NEVER);
    await held.reached();
    let isStopped = false;
    const stopping = running.stop().then(() => (isStopped = true));
    // As long as the batch waits, so does the end: its transaction is neither cut off nor left behind.
    await held.stillThere();
    expect(isStopped).toBe(false);
    held.release();
    await stopping;
    expect(await world.database.rows('SELECT 1 FROM deleted_artifact')).toEqual([]);
    await expect(ask('/healthz/live')).rejects.toThrow();
  });

  it.each(['reset', 'end'] as const)('outlives its database, and goes on when that is back: %s', async (fault) => {
    const line = await FaultyLine.to(world.databaseUrl);
    running = await startJobservice(configured({ BREAKWATER_DATABASE_URL: line.url }), SILENT, NEVER);
    await eventually(async () => expect((await ask('/healthz/ready')).status).toBe(200));
    line.fail(fault);
    const key = await world.trash();
    await eventually(async () => expect((await ask('/healthz/ready')).status).toBe(503));
    expect((await ask('/healthz/live')).status).toBe(200);
    expect(await world.store.stat(key)).not.toBeNull();
    line.mend();
    await eventually(() => isGone(key));
    await eventually(async () => expect((await ask('/healthz/ready')).status).toBe(200));
    await running.stop();
    line.close();
  });

  describe('while it waits for its tables', () => {
    beforeEach(async () => {
      await world.database.rows('ALTER TABLE migration RENAME TO not_yet');
    });

    it('is alive and not ready, and begins when they are there', async () => {
      const listening = nextPort();
      const starting = startJobservice(configured(), SILENT, NEVER);
      const port = await listening;
      expect((await ask('/healthz/live', port)).status).toBe(200);
      expect((await ask('/healthz/ready', port)).status).toBe(503);
      await world.database.rows('ALTER TABLE not_yet RENAME TO migration');
      running = await starting;
      await eventually(async () => expect((await ask('/healthz/ready')).status).toBe(200));
    });

    it('can be told to stop', async () => {
      const asked = new AbortController();
      const starting = startJobservice(configured(), SILENT, asked.signal);
      asked.abort();
      await expect(starting).rejects.toThrow(/abort/i);
    });
  });

  describe('as a process', () => {
    it('ends with 0 when it is told to, and says nothing on the way that is not a line of its log', async () => {
      const child = new NodeProcess(new URL('./main.ts', import.meta.url), world.environment);
      await eventually(() => expect(child.hasSaid('"message":"running"')).toBe(true));
      child.kill('SIGTERM');
      const { code, stdout, stderr } = await child.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const messages = stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { message: string }).message);
      expect(messages.filter((message) => message.includes('stop'))).toEqual(['asked to stop', 'stopped']);
      expect(messages.at(-1)).toBe('stopped');
    });

    it('ends with 0 when it is told to while it waits', async () => {
      await world.database.rows('ALTER TABLE migration RENAME TO not_yet');
      const child = new NodeProcess(new URL('./main.ts', import.meta.url), world.environment);
      await eventually(() => expect(child.hasSaid('waiting: the database is not migrated yet')).toBe(true));
      child.kill('SIGTERM');
      expect(await child.ended).toMatchObject({ code: 0, stderr: '' });
    });

    it('ends with 1 and says why when its port is taken, or its settings are wrong', async () => {
      const taken = await takenPort();
      const refused = new NodeProcess(new URL('./main.ts', import.meta.url), {
        ...world.environment,
        BREAKWATER_JOBSERVICE_PORT: String(taken.port),
      });
      const misled = new NodeProcess(new URL('./main.ts', import.meta.url), {
        ...world.environment,
        BREAKWATER_GC_INTERVAL_SECONDS: 'often',
      });
      expect(await refused.ended).toMatchObject({ code: 1, stdout: expect.stringContaining('EADDRINUSE') });
      const { code, stderr } = await misled.ended;
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('BREAKWATER_GC_INTERVAL_SECONDS') });
      await taken.close();
    });
  });

  /** A deleted artifact that is due, and the lock of its blob in our hands: the collector has to wait for it. */
  async function holdPurge(): Promise<{ reached(): Promise<void>; stillThere(): Promise<void>; release(): void }> {
    await world.database.rows(
      `WITH stored AS (
         INSERT INTO blob (digest, size_bytes, object_key) VALUES ('sha256:0', 1, 'blobs/00/0') RETURNING id
       ), deleted AS (
         INSERT INTO deleted_artifact (project_id, repository_name, digest, manifest_media_type, content, tags,
                                       pushed_at, deleted_by, purge_after)
         VALUES (1, 'p/r', 'sha256:1', 'm', '', '{}', now(), 'carla', now()) RETURNING id
       )
       INSERT INTO deleted_artifact_blob SELECT deleted.id, stored.id FROM deleted, stored RETURNING blob_id`,
    );
    const [locked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = world.database.unitOfWork.run(async (tx) => {
      await tx.rows('SELECT 1 FROM blob FOR UPDATE');
      locked.resolve();
      await released.promise;
    });
    await locked.promise;
    const waiting = `SELECT 1 FROM pg_stat_activity
                     WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`;
    const stillThere = async (): Promise<void> => expect(await world.database.rows(waiting)).not.toEqual([]);
    return {
      reached: () => eventually(stillThere),
      stillThere,
      release: () => {
        released.resolve();
        void holding;
      },
    };
  }
});

async function takenPort(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

/** Where the next server of this process listens. */
function nextPort(): Promise<number> {
  return new Promise((resolve) => {
    const heard = (message: unknown): void => {
      unsubscribe(LISTENING, heard);
      resolve(((message as { readonly server: Server }).server.address() as AddressInfo).port);
    };
    subscribe(LISTENING, heard);
  });
}

const LISTENING = 'tracing:net.server.listen:asyncEnd';
