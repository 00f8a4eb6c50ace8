/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** In `[0, 1)`. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in `[from, to)`. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** @throws RangeError  there is nothing to choose from. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('there is nothing to choose from');
    return items[this.int(0, items.length)] as T;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const all = [...items];
    for (let last = all.length - 1; last > 0; last--) {
      const other = this.int(0, last + 1);
      [all[last], all[other]] = [all[other] as T, all[last] as T];
    }
    return all;
  }

  bytes(count: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.ceil(count / 4) * 4);
    for (let at = 0; at < buffer.length; at += 4) buffer.writeUInt32LE(Math.floor(this.next() * 2 ** 32), at);
    return buffer.subarray(0, count);
  }

  /** A stream of its own, so that one user's choices do not depend on what others do meanwhile. */
  fork(): Random {
    return new Random(this.int(0, 2 ** 31));
  }
}
