import { setTimeout as delay } from 'node:timers/promises';
import type { CollectionOutcome, Collector } from '@breakwater/catalog';
import type { CounterMetric, Logger, Metrics } from '@breakwater/observability';

const KINDS = ['uploads', 'artifacts', 'links', 'blobs', 'repositories', 'objects', 'failed-deletes'] as const;

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
  private running: Promise<void> = Promise.resolve();
  private isFailing = false;

  constructor(
    private readonly collector: Pick<Collector, 'runOnce'>,
    private readonly intervalSeconds: number,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.collected = metrics.counter({
      name: 'collected_total',
      help: 'What the collector took away, by kind.',
      labels: { kind: KINDS },
    });
    this.freed = metrics.counter({ name: 'collected_bytes_total', help: 'Bytes of deleted objects.', labels: {} });
  }

  start(): void {
    this.running = this.loop();
  }

  /** Resolves when the pass under way has come to its next batch and ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.pass(signal);
      await delay(this.intervalSeconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  private async pass(signal: AbortSignal): Promise<void> {
    try {
      this.report(await this.collector.runOnce(signal));
      if (this.isFailing) this.log.info('the collector works again');
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) this.log.error('the collector could not finish a pass; it goes on with the next', { error });
      this.isFailing = true;
    }
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
    if (Object.values(counts).some((count) => count > 0)) this.log.info('collected', outcome);
  }
}
