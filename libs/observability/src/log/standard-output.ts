import { writeSync } from 'node:fs';
import { LineWriter } from './line-writer.js';

/**
 * Standard output, written at the end of each turn of the event loop, and down to the last line when the process exits.
 *
 * Nobody has to read it: what would wait for a reader is dropped above `KEPT_BYTES`, and when the reader is gone or
 * stands still at the exit, the process ends all the same.
 */
export function standardOutput(): { write(line: string): void } {
  // Asked of the process, and not just 1: so it does not block, and neither does a reader that stands still.
  const { fd } = process.stdout;
  const writer = new LineWriter({ write: (bytes) => writeSync(fd, bytes), sleep }, KEPT_BYTES);
  process.once('exit', () => writer.end());
  return writer;
}

/** Blocks: at the exit nothing else runs any more. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const KEPT_BYTES = 64 * 1024 * 1024;
