/**
 * Runs expensive work a few at a time, first come first served, and refuses more than it can serve soon.
 */
export class WorkQueue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly options: WorkQueueOptions) {}

  /** @throws whatever `refusal` makes, when too many wait already; and what `work` throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.options.concurrency) {
      if (this.waiting.length >= this.options.maxWaiting) throw this.options.refusal();
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running++;
    }
    try {
      return await work();
    } finally {
      // The place passes to the next in line without becoming free between: nobody can jump the queue.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}

export interface WorkQueueOptions {
  readonly concurrency: number;
  readonly maxWaiting: number;
  readonly refusal: () => Error;
}
