import { describe, expect, it } from '@jest/globals';
import type { CollectionOutcome } from '@breakwater/catalog';
import { type Logger, Metrics, SILENT } from '@breakwater/observability';
import { CollectorLoop } from './collector-loop.js';

const NOTHING: CollectionOutcome = {
  expiredUploads: 0,
  purgedArtifacts: 0,
  expiredLinks: 0,
  collectedBlobs: 0,
  forgottenRepositories: 0,
  deletedObjects: 0,
  deletedBytes: 0,
  failedDeletes: 0,
  hasMore: false,
  failures: [],
};

/** What each pass comes to: an outcome, or an error that it ends with. The loop stops itself after the last. */
async function loopOver(...passes: (Partial<CollectionOutcome> | Error)[]) {
  const log: string[] = [];
  const metrics = new Metrics('test');
  const loop = new CollectorLoop(
    {
      runOnce: async () => {
        log.push('pass');
        const next = passes.shift() ?? new Error('one pass too many');
        if (next instanceof Error) throw next;
        return { ...NOTHING, ...next };
      },
    },
    {
      intervalSeconds: 60,
      pause: async (seconds, signal) => {
        log.push(`pause ${seconds}`);
        if (passes.length === 0) void loop.stop();
        expect(signal.aborted).toBe(passes.length === 0);
      },
    },
    loggerTo(log),
    metrics,
  );
  loop.start();
  await loop.stopped;
  return { log, text: (await metrics.exposition()).body };
}

function loggerTo(log: string[]): Logger {
  const line = (message: string, fields: object = {}): void => {
    log.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { ...SILENT, info: line, error: (message, fields) => line(message, Object.keys(fields ?? {})) };
}

const FAILED = 'the collector could not finish a pass; it goes on with the next';

describe('CollectorLoop', () => {
  it('goes on after its pause, and at once when more is due', async () => {
    const { log } = await loopOver({}, { hasMore: true }, { hasMore: true }, {});
    expect(log).toEqual(['pass', 'pause 60', 'pass', 'pass', 'pass', 'pause 60']);
  });

  it('counts what it took away, and says it', async () => {
    const { log, text } = await loopOver(
      { expiredLinks: 3, deletedObjects: 2, deletedBytes: 70 },
      { expiredLinks: 1, failedDeletes: 5 },
      {},
    );
    expect(text).toContain('breakwater_collected_total{kind="links",app="test"} 4');
    expect(text).toContain('breakwater_collected_total{kind="objects",app="test"} 2');
    expect(text).toContain('breakwater_collected_total{kind="failed-deletes",app="test"} 5');
    expect(text).toContain('breakwater_collected_bytes_total{app="test"} 70');
    expect(text).not.toContain('kind="uploads"');
    expect(log.filter((line) => line.startsWith('collected'))).toHaveLength(2);
  });

  it('says once that it fails, goes on, and says when it works again', async () => {
    const { log } = await loopOver(new Error('gone'), new Error('still gone'), {}, {});
    expect(log.filter((line) => !/^pass|^pause/.test(line))).toEqual([
      `${FAILED} ["error"]`,
      'the collector works again {}',
    ]);
    expect(log.filter((line) => line === 'pass')).toHaveLength(4);
  });

  it('counts what a pass did of which one step failed, and does not call it finished', async () => {
    const { log, text } = await loopOver({ collectedBlobs: 2, failures: [{ step: 'links', error: new Error('odd') }] });
    expect(log).toContain(`${FAILED} ["failures"]`);
    expect(text).toContain('breakwater_collected_total{kind="blobs",app="test"} 2');
    expect(lastPass(text)).toBe(0);
  });

  it('tells when it last finished a pass', async () => {
    const before = Date.now() / 1000;
    const { text } = await loopOver({});
    expect(lastPass(text)).toBeGreaterThanOrEqual(Math.floor(before));
  });

  it('ends the pass under way before it stops, and begins no other', async () => {
    const [begun, ended] = [Promise.withResolvers<AbortSignal>(), Promise.withResolvers<void>()];
    let passes = 0;
    const runOnce = async (signal: AbortSignal): Promise<CollectionOutcome> => {
      passes++;
      begun.resolve(signal);
      await ended.promise;
      return { ...NOTHING, hasMore: true };
    };
    const loop = new CollectorLoop({ runOnce }, { intervalSeconds: 60 }, SILENT, new Metrics('test'));
    loop.start();
    const signal = await begun.promise;
    expect(signal.aborted).toBe(false);
    let isStopped = false;
    const stopping = loop.stop().then(() => (isStopped = true));
    expect(signal.aborted).toBe(true);
    await Promise.resolve();
    expect(isStopped).toBe(false);
    ended.resolve();
    await stopping;
    expect(passes).toBe(1);
  });

  it('stops in the middle of its pause', async () => {
    const first = Promise.withResolvers<void>();
    const runOnce = async (): Promise<CollectionOutcome> => {
      first.resolve();
      return NOTHING;
    };
    const loop = new CollectorLoop({ runOnce }, { intervalSeconds: 3_600 }, SILENT, new Metrics('test'));
    loop.start();
    await first.promise;
    await loop.stop();
  });
});

function lastPass(text: string): number {
  return Number(/^breakwater_collector_last_pass_timestamp_seconds\S* (\S+)$/m.exec(text)?.[1] ?? 0);
}
