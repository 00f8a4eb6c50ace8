import type { Clock } from '../ports.js';

/** Time that stands still until it is moved. */
export class TestClock implements Clock {
  private elapsedMs = 0;
  private readonly start = new Date();

  now(): Date {
    return new Date(this.start.getTime() + this.elapsedMs);
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  advance(milliseconds: number): void {
    this.elapsedMs += milliseconds;
  }
}
