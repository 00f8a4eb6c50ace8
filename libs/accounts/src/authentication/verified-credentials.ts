import { LRUCache } from 'lru-cache';
import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../ports.js';

/** Which account a (name, password) pair has opened. */
export interface VerifiedCredential {
  readonly accountId: number;
  readonly incarnation: string;
}

/**
 * Pairs of name and password that were checked a moment ago, so that a client that sends them with every request
 * costs one argon2 hash a minute and not one a request.
 *
 * Held as HMAC-SHA256 under a key that lives and dies with the process: a memory dump alone does not give away what
 * a fast hash of the password would. A pair is only good while its account has the same incarnation.
 */
export class VerifiedCredentials {
  private readonly key = randomBytes(32);
  private readonly entries = new LRUCache<string, VerifiedCredential & { readonly until: number }>({ max: 20_000 });

  constructor(
    private readonly clock: Clock,
    private readonly ttlMs: number,
  ) {}

  /** The pair, for `find` and `remember`. */
  keyOf(principal: string, password: string): string {
    // The length keeps ('ab', 'c') and ('a', 'bc') apart.
    return createHmac('sha256', this.key).update(`${principal.length}:${principal}${password}`).digest('base64url');
  }

  find(key: string): VerifiedCredential | null {
    const entry = this.entries.get(key);
    if (!entry) return null;
    if (entry.until > this.clock.monotonicMs()) return entry;
    this.entries.delete(key);
    return null;
  }

  remember(key: string, { accountId, incarnation }: VerifiedCredential): void {
    this.entries.set(key, { accountId, incarnation, until: this.clock.monotonicMs() + this.ttlMs });
  }

  forget(key: string): void {
    this.entries.delete(key);
  }
}
