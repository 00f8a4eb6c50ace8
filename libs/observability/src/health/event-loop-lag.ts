/** How late this process comes to its work. */
export class EventLoopLag {
  private expectedAt: number;
  private readonly timer: NodeJS.Timeout;
  private lastMs = 0;

  constructor(
    private readonly intervalMs = 500,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.expectedAt = now() + intervalMs;
    this.timer = setInterval(() => this.tick(), intervalMs).unref();
  }

  /** Of the last tick, or of the one that is overdue now. */
  get currentMs(): number {
    return Math.max(this.lastMs, this.now() - this.expectedAt, 0);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = this.now();
    this.lastMs = Math.max(0, now - this.expectedAt);
    this.expectedAt = now + this.intervalMs;
  }
}
