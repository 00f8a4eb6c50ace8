/** Where lines go, and how to wait for it. */
export interface LineTarget {
  /**
   * @returns how many bytes were taken, which may be fewer than all.
   * @throws EAGAIN where none are taken now; EPIPE where none ever will be.
   */
  write(bytes: Uint8Array): number;
  /** Blocks. */
  sleep(milliseconds: number): void;
}

/**
 * Writes lines to what takes them as fast as somebody reads: a pipe that does not block.
 *
 * Each write is one system call of this thread, so that it is known at any time what was taken and what was not. What
 * another thread is writing when the process exits is lost where the pipe is full, and nobody can tell.
 */
export class LineWriter {
  private lines: string[] = [];
  /** What was taken off `lines` and not written yet. */
  private rest: Uint8Array = NOTHING;
  private keptBytes = 0;
  private isScheduled = false;
  private isOver = false;

  /** @param maxKeptBytes  what would wait beyond that is dropped. */
  constructor(
    private readonly target: LineTarget,
    private readonly maxKeptBytes: number,
  ) {}

  /** Never throws and never waits. */
  write(line: string): void {
    if (this.isOver || this.keptBytes + line.length > this.maxKeptBytes) return;
    this.lines.push(line);
    this.keptBytes += line.length;
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.flush());
  }

  /** For the exit: writes what is left as long as somebody reads. Never throws. */
  end(): void {
    let [waitedMs, inVainMs] = [0, 0];
    for (let outcome = this.writeSome(); outcome !== 'done' && outcome !== 'failed'; outcome = this.writeSome()) {
      if (outcome === 'written') {
        inVainMs = 0;
        continue;
      }
      if (inVainMs >= STANDSTILL_MS || waitedMs >= LONGEST_END_MS) break;
      this.target.sleep(PAUSE_MS);
      inVainMs += PAUSE_MS;
      waitedMs += PAUSE_MS;
    }
    this.isOver = true;
  }

  private flush(): void {
    const outcome = this.writeSome();
    // After a failure that need not last, such as a full disk, the next line tries again.
    this.isScheduled = outcome === 'written' || outcome === 'full';
    if (outcome === 'written') setImmediate(() => this.flush());
    // A reader that stands still keeps no process from ending.
    else if (outcome === 'full') setTimeout(() => this.flush(), PAUSE_MS).unref();
  }

  private writeSome(): 'done' | 'written' | 'full' | 'failed' {
    if (this.rest.length === 0) this.takeLines();
    if (this.rest.length === 0) return 'done';
    try {
      const count = this.target.write(this.rest);
      this.rest = this.rest.subarray(count);
      return 'written';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return 'full';
      if (code === 'EPIPE') this.giveUp();
      return 'failed';
    }
  }

  private takeLines(): void {
    const taken = this.lines.splice(0, LINES_AT_ONCE);
    this.rest = taken.length === 0 ? NOTHING : Buffer.from(taken.join(''));
    for (const line of taken) this.keptBytes -= line.length;
  }

  /** The reader has gone: the work goes on without a log. */
  private giveUp(): void {
    this.isOver = true;
    this.lines = [];
    this.rest = NOTHING;
  }
}

const NOTHING = new Uint8Array();
const LINES_AT_ONCE = 1_024;
const PAUSE_MS = 20;
/** Without a byte taken for so long, nobody reads; a machine that is busy leaves a reader no longer without its turn. */
const STANDSTILL_MS = 2_000;
/** However slowly it is read: whoever asked the process to stop does not wait for ever. */
const LONGEST_END_MS = 10_000;
