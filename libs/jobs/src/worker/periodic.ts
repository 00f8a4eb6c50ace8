import { WakeSignal } from './wake-signal.js';

/** Something that is done again and again, one after the other, sooner when it is asked for. */
export class Periodic {
  private readonly signal = new WakeSignal();
  private isEnding = false;
  private soonTimer: NodeJS.Timeout | null = null;
  private finished: Promise<void> = Promise.resolve();

  /** @param everyMs  between the end of one and the begin of the next, give or take a tenth: replicas drift apart. */
  constructor(
    private readonly everyMs: number,
    private readonly work: () => Promise<void>,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Does it at once, then again and again. */
  start(): void {
    this.finished = this.run();
  }

  /** Within a tenth of a second; several who ask meanwhile are served together. */
  soon(): void {
    this.soonTimer ??= setTimeout(() => {
      this.soonTimer = null;
      this.signal.wake();
    }, SOON_MS).unref();
  }

  /** Lets the one under way end. */
  async stop(): Promise<void> {
    this.isEnding = true;
    if (this.soonTimer !== null) clearTimeout(this.soonTimer);
    this.signal.wake();
    await this.finished;
  }

  private async run(): Promise<void> {
    while (!this.isEnding) {
      await this.work().catch(this.onFailure);
      if (!this.isEnding) await this.signal.sleep(this.everyMs * (0.9 + Math.random() / 5));
    }
  }
}

const SOON_MS = 50;
