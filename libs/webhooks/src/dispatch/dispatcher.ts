import type { CounterMetric, HistogramMetric, Logger, Metrics } from '@breakwater/observability';
import { WakeSignal } from '@breakwater/messaging';
import { setTimeout as delay } from 'node:timers/promises';
import { TARGET_TYPES } from '../events/event-type.js';
import type { TargetSecrets } from '../policies/target-secrets.js';
import { systemClock, type Clock, type WebhookCaller } from '../ports.js';
import { attempt, SLOW_MS, type AttemptOutcome } from './attempt.js';
import { backOffMs } from './back-off.js';
import type { AttemptRecord, ClaimedDelivery, ClaimedTarget, QueueRepository } from './queue.repository.js';
import { Recorder } from './recorder.js';
import { TargetWindows, type Allotment } from './target-windows.js';

export interface DispatcherOptions {
  /** Given up after so many. */
  readonly maxAttempts: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Of one attempt. */
  readonly timeoutMs: number;
  readonly maxPerTarget: number;
  readonly maxTotal: number;
  /** After SIGTERM: attempts that are not done by then are cut short and come again. */
  readonly graceMs: number;
}

export interface DispatcherDependencies {
  readonly queue: QueueRepository;
  readonly caller: WebhookCaller;
  readonly secrets: TargetSecrets;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/**
 * Sends what is queued. Any number may run: a delivery is claimed by one of them, by a lease that is longer than an
 * attempt may take. Only where a process ends between sending and writing that down is a message sent twice; the
 * receiver knows it by its `X-Breakwater-Delivery`.
 */
export class Dispatcher {
  private readonly signal = new WakeSignal();
  private readonly stopping = new AbortController();
  private readonly cutting = new AbortController();
  private readonly windows: TargetWindows;
  private readonly recorder: Recorder;
  private readonly underWay = new Map<number, Promise<void>>();
  /** Targets that may have more than they were allotted. */
  private readonly limited = new Set<number>();
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly measures: Measures;
  private finished: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: DispatcherDependencies,
    private readonly options: DispatcherOptions,
  ) {
    this.clock = deps.clock ?? systemClock;
    this.random = deps.random ?? Math.random;
    this.windows = new TargetWindows(options, () => this.clock.monotonicMs());
    this.recorder = new Recorder(deps.queue, deps.logger, this.cutting.signal);
    this.measures = measuresOf(deps.metrics, () => this.windows.busy);
  }

  start(): void {
    this.finished = this.run();
  }

  /** There is something new in the queue. Losing a call costs at most a second. */
  wake(): void {
    this.signal.wake();
  }

  /** Claims nothing more; attempts under way have the grace to end. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.signal.wake();
    await this.finished;
    const grace = new AbortController();
    const over = delay(this.options.graceMs, undefined, { signal: grace.signal }).then(
      () => this.cutting.abort(),
      () => undefined,
    );
    await this.allDone();
    grace.abort();
    await over;
  }

  private async allDone(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay.values());
  }

  private async run(): Promise<void> {
    let isFailing = false;
    while (!this.stopping.signal.aborted) {
      let idleMs = POLL_MS;
      try {
        idleMs = await this.round();
        if (isFailing) this.deps.logger.info('the webhook queue can be read again');
        isFailing = false;
      } catch (error) {
        if (!isFailing) this.deps.logger.warn('the webhook queue could not be read; trying on', { error });
        isFailing = true;
      }
      await this.signal.sleep(idleMs);
      // What ends or arrives together is claimed together.
      if (!this.stopping.signal.aborted) await delay(GATHER_MS);
    }
  }

  /** @returns how long nothing will be due, unless it is woken. */
  private async round(): Promise<number> {
    const waiting = await this.deps.queue.listWaiting();
    const due = waiting.filter(({ dueInMs }) => dueInMs <= 0).map(({ targetId }) => targetId);
    const allotments = this.windows.allot(due);
    this.limited.clear();
    const granted = allotments.filter(({ count }) => count > 0);
    const claimed = granted.length === 0 ? [] : await this.claim(granted);
    this.rememberLimited(allotments, claimed);
    for (const delivery of claimed) this.begin(delivery);
    const pauses = waiting.filter(({ dueInMs }) => dueInMs > 0).map(({ dueInMs }) => dueInMs);
    return Math.ceil(Math.max(1, Math.min(POLL_MS, ...pauses)));
  }

  private claim(granted: readonly Allotment[]): Promise<ClaimedDelivery[]> {
    const leaseMs = this.options.timeoutMs + LEASE_MARGIN_MS;
    return this.deps.queue.claim(granted, leaseMs, [...this.underWay.keys()]);
  }

  /** Those that took all that they were allotted: when one of theirs ends, it is worth looking again. */
  private rememberLimited(allotments: readonly Allotment[], claimed: readonly ClaimedDelivery[]): void {
    const counts = new Map<number, number>();
    for (const { targetId } of claimed) counts.set(targetId, (counts.get(targetId) ?? 0) + 1);
    for (const { targetId, count } of allotments) if ((counts.get(targetId) ?? 0) >= count) this.limited.add(targetId);
  }

  private begin(delivery: ClaimedDelivery): void {
    this.windows.begin(delivery.targetId);
    const done = this.deliver(delivery).then(() => {
      this.underWay.delete(delivery.deliveryId);
      if (this.limited.size > 0) this.signal.wake();
    });
    this.underWay.set(delivery.deliveryId, done);
  }

  /** Never rejects. The window is free again only when the outcome is written: a slow database slows us down. */
  private async deliver(delivery: ClaimedDelivery): Promise<void> {
    const { target } = delivery;
    const halt = this.haltOf(delivery);
    if (target === null || halt !== null) {
      await this.recorder.record(unsent(delivery, halt ?? GONE));
      this.windows.end(delivery.targetId, 'delivered');
      return;
    }
    const slow = setTimeout(() => {
      this.windows.suspect(delivery.targetId);
      this.signal.wake();
    }, SLOW_MS);
    const outcome = await this.attempt(delivery, target);
    clearTimeout(slow);
    const record = this.recordOf(delivery, outcome);
    await this.recorder.record(record);
    this.windows.end(delivery.targetId, outcome.reaction, outcome.retryAfterMs ?? 0);
    this.measure(delivery, record, outcome);
  }

  private haltOf({ target, isPolicyEnabled, attempt: number }: ClaimedDelivery): Halt | null {
    if (target === null) return GONE;
    if (!isPolicyEnabled) return { finalStatus: 'Stopped', message: 'its policy was disabled' };
    // Its process ended during each of them: it must not go on for ever.
    if (number > this.options.maxAttempts)
      return { finalStatus: 'Error', message: `given up after ${number - 1} attempts; the last was cut short` };
    return null;
  }

  private attempt(delivery: ClaimedDelivery, target: ClaimedTarget): Promise<AttemptOutcome> {
    const { caller, secrets } = this.deps;
    const { timeoutMs } = this.options;
    return attempt(delivery, target, { caller, secrets, clock: this.clock, timeoutMs }, this.cutting.signal);
  }

  private recordOf({ deliveryId, attempt: number }: ClaimedDelivery, outcome: AttemptOutcome): AttemptRecord {
    const { sent, isHopeless, retryAfterMs } = outcome;
    const common = { deliveryId, attempt: number, sent, pauseMs: 0 };
    if (sent.error === null) return { ...common, finalStatus: 'Success', message: '' };
    if (isHopeless) return { ...common, finalStatus: 'Error', message: sent.error };
    if (this.cutting.signal.aborted && sent.responseStatus === null)
      return { ...common, finalStatus: null, message: 'cut short: the dispatcher stopped' };
    const { maxAttempts, firstPauseMs: firstMs, longestPauseMs: longestMs } = this.options;
    if (number >= maxAttempts)
      return { ...common, finalStatus: 'Error', message: `given up after ${number} attempts: ${sent.error}` };
    const pauseMs = backOffMs(number, retryAfterMs, { firstMs, longestMs }, this.random());
    return { ...common, finalStatus: null, message: sent.error, pauseMs };
  }

  private measure({ targetType: type }: ClaimedDelivery, record: AttemptRecord, { sent }: AttemptOutcome): void {
    const result = record.finalStatus === 'Success' ? 'delivered' : record.finalStatus === null ? 'failed' : 'given-up';
    this.measures.attempts.add({ type, result });
    this.measures.duration.observe({ type }, sent.durationMs / 1000);
  }
}

const POLL_MS = 1_000;
const GATHER_MS = 5;
/** Room for the database, beside the time of the attempt itself. */
const LEASE_MARGIN_MS = 30_000;

interface Halt {
  readonly finalStatus: 'Stopped' | 'Error';
  readonly message: string;
}

const GONE: Halt = { finalStatus: 'Stopped', message: 'its target or its policy is gone' };

function unsent({ deliveryId, attempt: number }: ClaimedDelivery, { finalStatus, message }: Halt): AttemptRecord {
  return { deliveryId, attempt: number, finalStatus, pauseMs: 0, message, sent: null };
}

const RESULTS = ['delivered', 'failed', 'given-up'] as const;

interface Measures {
  readonly attempts: CounterMetric<{ readonly type: typeof TARGET_TYPES; readonly result: typeof RESULTS }>;
  readonly duration: HistogramMetric<{ readonly type: typeof TARGET_TYPES }>;
}

function measuresOf(metrics: Metrics, busy: () => number): Measures {
  metrics.observedGauge({ name: 'webhook_attempts_under_way', help: 'Messages that are being sent.' }, busy);
  return {
    attempts: metrics.counter({
      name: 'webhook_attempts_total',
      help: 'Attempts to deliver, by type of target and by what came of them.',
      labels: { type: TARGET_TYPES, result: RESULTS },
    }),
    duration: metrics.histogram({
      name: 'webhook_attempt_duration_seconds',
      help: 'How long targets take to answer.',
      labels: { type: TARGET_TYPES },
      buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10],
    }),
  };
}
