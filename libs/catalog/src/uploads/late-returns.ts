import { DatabaseUnavailableError } from '@breakwater/database';
import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 500;
/** More are not remembered: their uploads are held until their claims run out, and then taken over. */
const MOST = 256;

/**
 * What could not be written to an upload's row because the database was lost in that moment: done as soon as it is
 * back, so that the client which asks again need not wait until the claim of its broken request has run out.
 */
export class LateReturns {
  private pending = 0;

  /** @param giveUpAfterSeconds  from then on others help themselves. */
  constructor(private readonly giveUpAfterSeconds: number) {}

  /** @param write  of a row that is still ours, and of no other: it may come late, and twice. */
  add(write: () => Promise<unknown>): void {
    if (this.pending >= MOST) return;
    this.pending++;
    void this.repeat(write).finally(() => this.pending--);
  }

  private async repeat(write: () => Promise<unknown>): Promise<void> {
    const deadlineMs = performance.now() + this.giveUpAfterSeconds * 1000;
    for (let isLost = true; isLost && performance.now() < deadlineMs;) {
      await delay(PAUSE_MS, undefined, { ref: false });
      isLost = await write().then(
        () => false,
        (error: unknown) => error instanceof DatabaseUnavailableError,
      );
    }
  }
}
