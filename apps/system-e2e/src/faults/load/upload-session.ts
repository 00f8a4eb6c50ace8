import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { BlobContent } from './content.js';
import type { UserTools } from './user-tools.js';
import { textOf, type Heard, type Said } from './wire.js';

const MOST_TROUBLES = 6;
const PAUSE_MS = 150;

/**
 * Sends one blob in chunks, each to any replica, breaks some of them off half-way, asks how far it came and goes on
 * from there. What was acknowledged must still be there.
 */
export class UploadSession {
  /** Bytes that the registry has confirmed. */
  private confirmedBytes = 0;
  private troubles = 0;
  /** When the last request began that the registry confirmed, in milliseconds: the session lives from then on. */
  private confirmedAtMs: number;
  private isFinishing = false;

  constructor(
    private readonly tools: UserTools,
    private readonly random: Random,
    private readonly location: string,
    private readonly blob: BlobContent,
    openedAtMs: number,
  ) {
    this.confirmedAtMs = openedAtMs;
  }

  /** @returns the answer 201; null when the session is of no more use. */
  async send(): Promise<Heard | null> {
    const { bytes } = this.blob;
    const isTailWithPut = this.random.chance(0.5);
    while (this.troubles < MOST_TROUBLES) {
      const left = bytes.length - this.confirmedBytes;
      const isLast = left <= MIN_CHUNK_BYTES || this.random.chance(0.4);
      if (left > 0 && !(isLast && isTailWithPut)) {
        if (!(await this.sendChunk(isLast ? left : this.random.int(MIN_CHUNK_BYTES, left)))) return null;
        continue;
      }
      const answer = await this.finish();
      if (answer?.status === 201) return answer;
      if (!(await this.recover(answer))) return null;
    }
    return null;
  }

  private async sendChunk(lengthBytes: number): Promise<boolean> {
    const at = this.confirmedBytes;
    const body = this.blob.bytes.subarray(at, at + lengthBytes);
    const breaks = this.random.chance(0.15) ? { breakAfterBytes: this.random.int(0, lengthBytes) } : {};
    const startedAtMs = performance.now();
    const headers = { 'content-range': `${at}-${at + lengthBytes - 1}` };
    const answer = await this.ask('PATCH', this.location, { body, headers, ...breaks });
    if (answer?.status !== 202) return this.recover(answer);
    this.confirm(at + lengthBytes, startedAtMs);
    this.tools.findings.require(
      answer.headers.range === rangeOf(this.confirmedBytes),
      () => `${this.location}: 202 tells ${answer.headers.range} after ${this.confirmedBytes} bytes`,
    );
    return true;
  }

  private finish(): Promise<Heard | null> {
    this.isFinishing = true;
    const target = closing(this.location, this.blob.digest);
    const tail = this.blob.bytes.subarray(this.confirmedBytes);
    if (tail.length === 0) return this.ask('PUT', target);
    const headers = { 'content-range': `${this.confirmedBytes}-${this.blob.bytes.length - 1}` };
    return this.ask('PUT', target, { body: tail, headers });
  }

  /**
   * Finds out where the session stands. A writer that was killed keeps it busy until its claim runs out, which takes
   * longer than anybody waits here.
   */
  private async recover(answer: Heard | null): Promise<boolean> {
    this.troubles++;
    if (answer?.status === 404) return this.isGone(answer);
    if (answer?.status === 429) return false;
    while (this.troubles < MOST_TROUBLES) {
      await delay(PAUSE_MS);
      const status = await this.ask('GET', this.location);
      if (status?.status === 404) return this.isGone(status);
      if (status?.status === 204) return this.goOnFrom(status.headers.range ?? '');
      this.troubles++;
    }
    return false;
  }

  private goOnFrom(range: string): boolean {
    const received = bytesOf(range);
    this.tools.findings.require(
      received >= this.confirmedBytes,
      () => `${this.location}: ${this.confirmedBytes} bytes were confirmed, ${received} are there`,
    );
    this.confirmedBytes = received;
    return true;
  }

  /**
   * It may be: its time is over, or it was finished by a request whose answer was lost. One that was never written to
   * may go with the crash of PostgreSQL, whose log it need not have reached yet.
   */
  private isGone(answer: Heard): false {
    const ageMs = performance.now() - this.confirmedAtMs;
    this.tools.findings.require(
      this.isFinishing ||
        ageMs > this.tools.uploadTtlSeconds * 1000 ||
        (this.tools.losesEmptySessions && this.confirmedBytes === 0),
      () => `${this.location}: gone ${Math.round(ageMs)} ms after it was confirmed: ${textOf(answer)}`,
    );
    return false;
  }

  private confirm(bytes: number, startedAtMs: number): void {
    this.confirmedBytes = bytes;
    this.confirmedAtMs = startedAtMs;
  }

  private ask(method: string, target: string, said: Said = {}): Promise<Heard | null> {
    return this.tools.ask(method, target, said);
  }
}

/** The address that ends an upload. */
export function closing(location: string, digest: string): string {
  const url = new URL(location, 'http://relative');
  url.searchParams.set('digest', digest);
  return url.pathname + url.search;
}

/** Below two, a range does not tell one byte from none. */
const MIN_CHUNK_BYTES = 2;

function rangeOf(bytes: number): string {
  return `0-${Math.max(0, bytes - 1)}`;
}

function bytesOf(range: string): number {
  const last = Number(/^0-(\d+)$/.exec(range)?.[1]);
  return last === 0 ? 0 : last + 1;
}
