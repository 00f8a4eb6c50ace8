import { EventLoopLag } from './event-loop-lag.js';

/** Resolves when the dependency serves; throws otherwise. `signal` aborts when the time is over. */
export type Probe = (signal: AbortSignal) => Promise<unknown>;

export interface CheckOptions {
  /** A probe that takes longer has failed. Default 2000. */
  readonly timeoutMs?: number;
  /** False for what the process can do without for a while (NATS): reported, but it stays ready. Default true. */
  readonly isRequired?: boolean;
}

export interface CheckResult {
  readonly name: string;
  readonly status: 'ok' | 'failing' | 'unknown';
  readonly isRequired: boolean;
  /** Since when it has this status. */
  readonly since: string;
}

export interface Readiness {
  readonly isReady: boolean;
  /** Names of the required checks that fail; `shutdown` while the process ends. */
  readonly failing: readonly string[];
  readonly checks: readonly CheckResult[];
}

export interface HealthOptions {
  /** Pause between two rounds of probes. Default 5000. */
  readonly intervalMs?: number;
  /** A result older than this counts as unknown, and unknown is not ready. Default three rounds and a time-out. */
  readonly staleAfterMs?: number;
  /** Told when a check changes: for the log. The error stays here and never reaches a client. */
  readonly onChange?: (name: string, status: 'ok' | 'failing', error: unknown) => void;
  readonly now?: () => number;
}

/**
 * Readiness: may this process be given requests? Answered from memory, so that many askers cost nothing and a
 * dependency that hangs cannot hang the answer. Liveness: does it need a restart? Never because of others.
 */
export class HealthChecks {
  private readonly checks: Check[] = [];
  private readonly lag = new EventLoopLag();
  private readonly intervalMs: number;
  private readonly staleAfterMs: number;
  private readonly now: () => number;
  private timer: NodeJS.Timeout | null = null;
  private isEnding = false;

  constructor(private readonly options: HealthOptions = {}) {
    this.intervalMs = options.intervalMs ?? 5000;
    this.staleAfterMs = options.staleAfterMs ?? 3 * this.intervalMs + DEFAULT_TIMEOUT_MS;
    this.now = options.now ?? Date.now;
  }

  register(name: string, probe: Probe, { timeoutMs = DEFAULT_TIMEOUT_MS, isRequired = true }: CheckOptions = {}): void {
    const since = this.now();
    this.checks.push({
      name,
      probe,
      timeoutMs,
      isRequired,
      status: 'unknown',
      since,
      checkedAt: since,
      isRunning: false,
    });
  }

  /** Runs the first round, then goes on in the background until `stop`. */
  async start(): Promise<void> {
    this.timer = setInterval(() => void this.checkNow(), this.intervalMs).unref();
    await this.checkNow();
  }

  /** One round, at once: after a reconnection, and in tests. A probe that still runs is not started again. */
  async checkNow(): Promise<void> {
    await Promise.all(this.checks.filter((check) => !check.isRunning).map((check) => this.probe(check)));
  }

  /** From now on not ready, so that no new requests come while those in flight are finished. */
  beginShutdown(): void {
    this.isEnding = true;
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.lag.stop();
  }

  readiness(): Readiness {
    const checks = this.checks.map((check) => this.resultOf(check));
    const failing = checks.filter((check) => check.isRequired && check.status !== 'ok').map((check) => check.name);
    if (this.isEnding) failing.unshift('shutdown');
    return { isReady: failing.length === 0, failing, checks };
  }

  liveness(): { readonly isAlive: boolean; readonly eventLoopLagMs: number } {
    const eventLoopLagMs = Math.round(this.lag.currentMs);
    return { isAlive: eventLoopLagMs < DEADLY_LAG_MS, eventLoopLagMs };
  }

  private async probe(check: Check): Promise<void> {
    check.isRunning = true;
    const signal = AbortSignal.timeout(check.timeoutMs);
    // A probe may ignore the signal: it must not hold up its own verdict.
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    const outcome = Promise.race([Promise.resolve(signal).then(check.probe), late]).then(
      () => ({ status: 'ok' as const, error: undefined }),
      (error: unknown) => ({ status: 'failing' as const, error }),
    );
    const { status, error } = await outcome;
    check.isRunning = false;
    check.checkedAt = this.now();
    if (status === check.status) return;
    check.status = status;
    check.since = check.checkedAt;
    this.options.onChange?.(check.name, status, error);
  }

  private resultOf(check: Check): CheckResult {
    const isStale = this.now() - check.checkedAt > this.staleAfterMs;
    const { name, isRequired } = check;
    const since = isStale ? check.checkedAt : check.since;
    return { name, isRequired, status: isStale ? 'unknown' : check.status, since: new Date(since).toISOString() };
  }
}

const DEFAULT_TIMEOUT_MS = 2000;
/** A process that comes to its work this late serves nobody. */
const DEADLY_LAG_MS = 10_000;

interface Check {
  readonly name: string;
  readonly probe: Probe;
  readonly timeoutMs: number;
  readonly isRequired: boolean;
  status: CheckResult['status'];
  since: number;
  checkedAt: number;
  isRunning: boolean;
}
