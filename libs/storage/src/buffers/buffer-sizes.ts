const KIB = 2 ** 10;

/** What a transfer begins with: all that a small object needs, and little to hold for a slow client. */
export const SMALLEST_BUFFER_BYTES = 64 * KIB;
/** Where copying, system calls and messages between threads no longer cost: measured in docs/adr/0003. */
export const LARGE_BUFFER_BYTES = 1024 * KIB;

const GROWTH = 4;

/** The next larger size up to `largestBytes`, so that the pool sees only a handful of sizes. */
export function nextBufferSize(sizeBytes: number, largestBytes: number): number {
  return Math.min(sizeBytes * GROWTH, largestBytes);
}
