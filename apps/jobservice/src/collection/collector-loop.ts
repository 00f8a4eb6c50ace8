import { setTimeout as delay } from 'node:timers/promises';
import type { CollectionOutcome, Collector } from '@breakwater/catalog';
import type { CounterMetric, GaugeMetric, Logger, Metrics } from '@breakwater/observability';

const KINDS = ['uploads', 'artifacts', 'links', 'blobs', 'repositories', 'objects', 'failed-deletes'] as const;

export interface CollectorLoopOptions {
  /** Between the end of a pass and the begin of the next, unless more is due already. */
  readonly intervalSeconds: number;
  /** Resolves after so many seconds, or when it is aborted. */
  readonly pause?: (seconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Runs the collector for as long as the process lives. Any number of replicas may do so at once.
 *
 * A pass that fails (the database or the storage is away) is logged once and tried again at the next round;
 * nothing is lost by it.
 */
export class CollectorLoop {
  private readonly stopping = new AbortController();
  private readonly collected: CounterMetric<{ readonly kind: typeof KINDS }>;
  private readonly freed: CounterMetric<Record<string, never>>;
  private readonly lastPass: GaugeMetric<Record<string, never>>;
  private running: Promise<void> = Promise.resolve();
  private isFailing = false;

  constructor(
    private readonly collector: Pick<Collector, 'runOnce'>,
    private readonly options: CollectorLoopOptions,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.collected = metrics.counter({
      name: 'collected_total',
      help: 'What the collector took away, by kind.',
      labels: { kind: KINDS },
    });
    this.freed = metrics.counter({ name: 'collected_bytes_total', help: 'Bytes of deleted objects.', labels: {} });
    this.lastPass = metrics.gauge({
      name: 'collector_last_pass_timestamp_seconds',
      help: 'When the collector last finished a pass without a failure, in Unix time. An old one deserves an alert.',
      labels: {},
    });
  }

  start(): void {
    this.running = this.loop();
  }

  /** Resolves when the loop has ended. */
  get stopped(): Promise<void> {
    return this.running;
  }

  /** Resolves when the pass under way has come to its next batch and ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopping;
    const { intervalSeconds, pause = sleep } = this.options;
    while (!signal.aborted) {
      const hasMore = await this.pass(signal);
      if (!hasMore) await pause(intervalSeconds, signal);
    }
  }

  /** @returns whether more is due already. */
  private async pass(signal: AbortSignal): Promise<boolean> {
    try {
      const outcome = await this.collector.runOnce(signal);
      this.report(outcome);
      if (outcome.failures.length > 0) this.fail({ failures: outcome.failures });
      else this.recover();
      return outcome.hasMore;
    } catch (error) {
      this.fail({ error });
      return false;
    }
  }

  private fail(why: object): void {
    if (!this.isFailing) this.log.error('the collector could not finish a pass; it goes on with the next', why);
    this.isFailing = true;
  }

  private recover(): void {
    if (this.isFailing) this.log.info('the collector works again');
    this.isFailing = false;
    this.lastPass.set({}, Date.now() / 1000);
  }

  private report(outcome: CollectionOutcome): void {
    const counts: Record<(typeof KINDS)[number], number> = {
      uploads: outcome.expiredUploads,
      artifacts: outcome.purgedArtifacts,
      links: outcome.expiredLinks,
      blobs: outcome.collectedBlobs,
      repositories: outcome.forgottenRepositories,
      objects: outcome.deletedObjects,
      'failed-deletes': outcome.failedDeletes,
    };
    for (const kind of KINDS) if (counts[kind] > 0) this.collected.add({ kind }, counts[kind]);
    if (outcome.deletedBytes > 0) this.freed.add({}, outcome.deletedBytes);
    if (Object.values(counts).some((count) => count > 0))
      this.log.info('collected', { ...counts, bytes: outcome.deletedBytes });
  }
}

function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  return delay(seconds * 1000, undefined, { signal }).catch(() => undefined);
}
