import { LRUCache } from 'lru-cache';
import { TooManyAttemptsError } from '../accounts.errors.js';
import type { Clock } from '../ports.js';
import { sourceKey } from './source-key.js';

export interface AttemptThrottleOptions {
  /** Wrong passwords that cost nothing, for one name from one source. */
  readonly freePerName: number;
  /** The same for all names from one source together: somebody who tries one password on many names. */
  readonly freePerSource: number;
  /** The wait after the first failure that is not free; each further one doubles it. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Without a failure for this long all is forgotten. */
  readonly memoryMs: number;
}

export const DEFAULT_THROTTLE: AttemptThrottleOptions = {
  freePerName: 5,
  freePerSource: 50,
  firstWaitMs: 1_000,
  longestWaitMs: 30_000,
  memoryMs: 15 * 60_000,
};

/**
 * Slows down guessing without letting strangers lock anybody out.
 *
 * - Failures count per (name, source): guessing `admin` from one address never keeps the real admin at another
 *   address waiting. Nothing counts per name alone, because that would be a lock-out for whoever knows the name;
 *   a distributed guess is met by the price of a hash and by the password policy.
 * - Failures also count per source over all names. A name that signed in from that source within a day is exempt,
 *   so that one guest of an office or a NAT does not keep the others out.
 * - While a wait runs even the right password is refused, with the seconds to wait. Clients that are signed in go
 *   on: the Authenticator asks its cache of verified credentials first.
 * - Without a source nothing can be told apart, so nothing is slowed down: apps pass the peer's address.
 * - In memory, per process: n replicas allow n times as much. Restarting forgets.
 */
export class AttemptThrottle {
  private readonly byName = new LRUCache<string, Failures>({ max: 20_000 });
  private readonly bySource = new LRUCache<string, Failures>({ max: 20_000 });
  private readonly proven = new LRUCache<string, number>({ max: 20_000 });

  constructor(
    private readonly clock: Clock,
    private readonly options: AttemptThrottleOptions = DEFAULT_THROTTLE,
  ) {}

  /**
   * Call before the password is checked, and tell the outcome afterwards. An attempt counts as failed until then:
   * a thousand sent at once are a thousand failures, not one.
   *
   * @throws TooManyAttemptsError
   */
  begin(name: string, source: string | null): Attempt {
    if (source === null) return UNCOUNTED;
    const place = sourceKey(source);
    const pair = JSON.stringify([name.toLowerCase(), place]);
    const isProven = (this.proven.get(pair) ?? -Infinity) > this.nowMs() - PROVEN_MS;
    const counted: [LRUCache<string, Failures>, string, number][] = [[this.byName, pair, this.options.freePerName]];
    if (!isProven) counted.push([this.bySource, place, this.options.freePerSource]);
    const waits = counted.map(([failures, key, free]) => this.waitMs(failures.get(key), free));
    const waitMs = Math.max(...waits);
    if (waitMs > 0) throw new TooManyAttemptsError(Math.ceil(waitMs / 1000));
    for (const [failures, key] of counted) this.count(failures, key, 1);
    return {
      failed: () => undefined,
      abandoned: () => counted.forEach(([failures, key]) => this.count(failures, key, -1)),
      succeeded: () => {
        this.byName.delete(pair);
        this.proven.set(pair, this.nowMs());
        if (!isProven) this.count(this.bySource, place, -1);
      },
    };
  }

  private waitMs(failures: Failures | undefined, free: number): number {
    if (!failures || this.isForgotten(failures)) return 0;
    const beyond = failures.count - free;
    if (beyond <= 0) return 0;
    const wait = Math.min(this.options.firstWaitMs * 2 ** (beyond - 1), this.options.longestWaitMs);
    return failures.latestAt + wait - this.nowMs();
  }

  private count(all: LRUCache<string, Failures>, key: string, change: 1 | -1): void {
    const before = all.get(key);
    const isFresh = !before || this.isForgotten(before);
    if (change < 0 && isFresh) return;
    const count = Math.max(0, (isFresh ? 0 : before.count) + change);
    all.set(key, { count, latestAt: change > 0 ? this.nowMs() : (before?.latestAt ?? 0) });
  }

  private isForgotten(failures: Failures): boolean {
    return failures.latestAt + this.options.memoryMs < this.nowMs();
  }

  private nowMs(): number {
    return this.clock.monotonicMs();
  }
}

/** Exactly one of the three is called. */
export interface Attempt {
  failed(): void;
  succeeded(): void;
  /** Not decided: the database did not answer, or the process has too much to do. */
  abandoned(): void;
}

interface Failures {
  readonly count: number;
  readonly latestAt: number;
}

/** How long a successful sign-in exempts its name from the count of its source. */
const PROVEN_MS = 24 * 60 * 60_000;

const UNCOUNTED: Attempt = { failed: () => undefined, succeeded: () => undefined, abandoned: () => undefined };
