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
    const counted: Counted[] = [{ all: this.byName, key: pair, free: this.options.freePerName }];
    if (!isProven) counted.push({ all: this.bySource, key: place, free: this.options.freePerSource });
    const waitMs = Math.max(...counted.map((each) => this.waitMs(each)));
    if (waitMs > 0) throw new TooManyAttemptsError(Math.ceil(waitMs / 1000));
    const undos = counted.map((each) => this.count(each));
    return {
      failed: () => undefined,
      abandoned: () => undos.forEach((undo) => undo()),
      succeeded: () => {
        undos.forEach((undo) => undo());
        this.byName.delete(pair);
        this.proven.set(pair, this.nowMs());
      },
    };
  }

  private waitMs({ all, key, free }: Counted): number {
    const failures = all.get(key);
    if (!failures || this.isForgotten(failures) || failures.count <= free) return 0;
    const wait = Math.min(this.options.firstWaitMs * 2 ** (failures.count - free - 1), this.options.longestWaitMs);
    return failures.latestAt + wait - this.nowMs();
  }

  /** @returns what takes it back, leaving what was counted since. */
  private count({ all, key }: Counted): () => void {
    const before = all.get(key);
    const count = before && !this.isForgotten(before) ? before.count : 0;
    const mine = { count: count + 1, latestAt: this.nowMs() };
    all.set(key, mine);
    return () => {
      const now = all.get(key);
      if (now === mine) all.set(key, before ?? NO_FAILURES);
      else if (now) all.set(key, { ...now, count: Math.max(0, now.count - 1) });
    };
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

interface Counted {
  readonly all: LRUCache<string, Failures>;
  readonly key: string;
  /** How many cost nothing. */
  readonly free: number;
}

const NO_FAILURES: Failures = { count: 0, latestAt: 0 };

/** How long a successful sign-in exempts its name from the count of its source. */
const PROVEN_MS = 24 * 60 * 60_000;

const UNCOUNTED: Attempt = { failed: () => undefined, succeeded: () => undefined, abandoned: () => undefined };
