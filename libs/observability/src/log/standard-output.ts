// CommonJS, whose names Node cannot tell before it runs.
import sonicBoom from 'sonic-boom';

/**
 * Standard output, written in the background and down to the last line when the process exits.
 *
 * Nobody has to read it: what would wait for a reader is dropped above `KEPT_BYTES`, and when the reader is gone or
 * stands still at the exit, the process ends all the same. (By itself, pino would try for ever.)
 */
export function standardOutput(): { write(line: string): void } {
  let isRead = true;
  let retriesAtExit: number | null = null;
  const output = new sonicBoom.SonicBoom({
    // Asked of the process, and not just 1: so it does not block, and neither does a reader that stands still.
    fd: process.stdout.fd,
    maxLength: KEPT_BYTES,
    // One each 100 ms.
    retryEAGAIN: () => retriesAtExit === null || retriesAtExit-- > 0,
  });
  // The work goes on without a log. After anything else, such as a full disk, the next line tries again.
  output.on('error', (error: NodeJS.ErrnoException) => (isRead &&= error.code !== 'EPIPE'));
  process.once('exit', () => {
    if (!isRead) return;
    retriesAtExit = RETRIES_AT_EXIT;
    try {
      output.flushSync();
    } catch {
      // Nobody is left to tell, and an exit must not fail for it.
    }
  });
  return { write: (line) => void (isRead && output.write(line)) };
}

const KEPT_BYTES = 64 * 1024 * 1024;
const RETRIES_AT_EXIT = 10;
