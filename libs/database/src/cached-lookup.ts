import { BatchedLookup, type BatchedLookupOptions } from './batched-lookup.js';

/**
 * A batched look-up that remembers its answers for a short time.
 *
 * An answer is at most `ttlMs` old, counted from before its query was sent; who asks after `forget` gets what the
 * database holds then, because an answer that was already under way is neither remembered nor shared any more.
 * Fill it with what a notice plus a short TTL keeps true, never with what must be exact.
 */
export class CachedLookup<Key, Value> {
  private readonly batch: BatchedLookup<Key, Value>;
  private readonly now: () => number;
  /** Oldest answer first: every entry lives equally long, so this is also the order of expiry. */
  private readonly entries = new Map<Key, Entry<Value>>();
  private readonly loading = new Map<Key, Promise<Value>>();

  constructor(private readonly options: CachedLookupOptions<Key, Value>) {
    this.batch = new BatchedLookup(options);
    this.now = options.nowMs ?? (() => performance.now());
  }

  get(key: Key): Promise<Value> {
    const entry = this.entries.get(key);
    if (entry && entry.expiresAt > this.now()) return entry.value;
    return this.loading.get(key) ?? this.load(key);
  }

  forget(key: Key): void {
    this.entries.delete(key);
    this.loading.delete(key);
  }

  forgetWhere(isMeant: (key: Key) => boolean): void {
    for (const key of [...this.entries.keys(), ...this.loading.keys()]) if (isMeant(key)) this.forget(key);
  }

  /** After notices may have been lost: a new connection to the broker, for one. */
  forgetAll(): void {
    this.entries.clear();
    this.loading.clear();
  }

  private load(key: Key): Promise<Value> {
    const expiresAt = this.now() + this.options.ttlMs;
    const value = this.batch.get(key);
    this.loading.set(key, value);
    const isStillWanted = (): boolean => this.loading.get(key) === value && this.loading.delete(key);
    value.then(
      () => isStillWanted() && this.remember(key, { value, expiresAt }),
      () => isStillWanted(), // the callers see the failure; the next one asks again
    );
    return value;
  }

  private remember(key: Key, entry: Entry<Value>): void {
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (this.entries.size <= this.options.maxEntries) return;
    const [oldest] = this.entries.keys();
    this.entries.delete(oldest as Key);
  }
}

export interface CachedLookupOptions<Key, Value> extends BatchedLookupOptions<Key, Value> {
  /** How old an answer may be. 0 remembers nothing. */
  readonly ttlMs: number;
  readonly maxEntries: number;
  /** A clock that never goes back, in milliseconds; `performance.now` unless given. */
  readonly nowMs?: () => number;
}

/** The settled promise itself, so that a hit allocates nothing. */
interface Entry<Value> {
  readonly value: Promise<Value>;
  readonly expiresAt: number;
}
