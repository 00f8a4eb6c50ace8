/**
 * The lines of one run that are not stored yet, bounded: what is beyond is left out, except for the last lines, which
 * tell how it ended.
 */
export class LogBuffer {
  private waiting: string[] = [];
  private readonly last: string[] = [];
  private leftOut = 0;
  private sizeChars = 0;
  private storing: Promise<void> | null = null;

  constructor(private readonly now: () => Date = () => new Date()) {}

  add(line: string): void {
    const text = `${this.now().toISOString()} ${storable(line)}\n`;
    if (this.sizeChars + text.length <= MOST_CHARS) {
      this.sizeChars += text.length;
      this.waiting.push(text);
      return;
    }
    this.sizeChars = MOST_CHARS; // whatever comes later is later than what was left out
    this.last.push(text);
    if (this.last.length > LAST_LINES) {
      this.last.shift();
      this.leftOut++;
    }
  }

  /** What is to be stored now; null for nothing, and while what was taken before is on its way. */
  take(): string | null {
    return this.storing === null ? this.takeWaiting() : null;
  }

  /** What was taken is on its way until this has settled: what is written beside it may come to lie before it. */
  sentWith(storing: Promise<unknown>): void {
    const settled = (): void => void (this.storing = null);
    this.storing = storing.then(settled, settled);
  }

  /** Resolves when nothing is on its way: then what is left may be taken, and comes last. */
  async settled(): Promise<void> {
    while (this.storing !== null) await this.storing;
  }

  /** What was taken and could not be stored. */
  putBack(text: string): void {
    this.waiting.unshift(text);
  }

  /** At the end of the run, with its last lines. */
  takeAll(): string | null {
    if (this.leftOut > 0) this.waiting.push(`… ${this.leftOut} lines are left out …\n`);
    this.waiting.push(...this.last.splice(0));
    this.leftOut = 0;
    return this.takeWaiting();
  }

  private takeWaiting(): string | null {
    if (this.waiting.length === 0) return null;
    const text = this.waiting.join('');
    this.waiting = [];
    return text;
  }
}

/** Of a run: 1 Mi characters. */
const MOST_CHARS = 2 ** 20;
const LAST_LINES = 200;
const LONGEST_LINE = 8_192;

/** One line, without what PostgreSQL cannot hold. */
function storable(line: string): string {
  const short = line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
  return short.replaceAll('\0', '').replaceAll(/\r?\n/g, '\n  ').toWellFormed();
}
