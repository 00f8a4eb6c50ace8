/**
 * Sends look-ups that arrive together in one query.
 *
 * A caller only ever shares an answer with callers that asked before its query was sent, so whoever asks after
 * a commit sees that commit. While `concurrency` queries are under way the next batch keeps filling, so a slow
 * database makes batches larger instead of queues longer.
 *
 * @example new BatchedLookup<string, Row>({ find: (names) => …rows by name…, maxBatch: 256, concurrency: 4 })
 */
export class BatchedLookup<Key, Value> {
  private waiting: Waiting<Key, Value>[] = [];
  private running = 0;
  private scheduled = false;

  constructor(private readonly options: BatchedLookupOptions<Key, Value>) {}

  /** @returns what `find` answers for this key: its position in the answer is the key's in the question. */
  get(key: Key): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.running >= this.options.concurrency) return;
    this.scheduled = true;
    // After the I/O callbacks of this tick: requests that were read from their sockets together travel together.
    setImmediate(() => {
      this.scheduled = false;
      void this.send();
      if (this.waiting.length > 0) this.schedule();
    });
  }

  private async send(): Promise<void> {
    const batch = this.waiting.splice(0, this.options.maxBatch);
    if (batch.length === 0) return;
    this.running++;
    try {
      const values = await this.options.find(batch.map((entry) => entry.key));
      batch.forEach((entry, index) => entry.resolve(values[index] as Value));
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    } finally {
      this.running--;
      if (this.waiting.length > 0) this.schedule();
    }
  }
}

export interface BatchedLookupOptions<Key, Value> {
  /** Answers in the order of the keys, one value per key. */
  readonly find: (keys: readonly Key[]) => Promise<readonly Value[]>;
  readonly maxBatch: number;
  /** Queries under way at once. */
  readonly concurrency: number;
}

interface Waiting<Key, Value> {
  readonly key: Key;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}
