import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LineWriter } from './line-writer.js';

/** A pipe of `room` bytes, of which a reader takes `readPerMs` while the writer sleeps. */
class Pipe {
  readonly written: Buffer[] = [];
  sleptMs = 0;
  failure: string | null = null;
  constructor(
    public room: number,
    private readonly readPerMs = 0,
  ) {}

  write(bytes: Uint8Array): number {
    if (this.failure !== null) throw Object.assign(new Error('write failed'), { code: this.failure });
    if (this.room === 0) throw Object.assign(new Error('write failed'), { code: 'EAGAIN' });
    const taken = bytes.slice(0, this.room);
    this.room -= taken.length;
    this.written.push(Buffer.from(taken));
    return taken.length;
  }

  sleep(milliseconds: number): void {
    this.sleptMs += milliseconds;
    this.room += milliseconds * this.readPerMs;
  }

  get text(): string {
    return Buffer.concat(this.written).toString();
  }
}

const lines = (count: number): string[] => Array.from({ length: count }, (_, nth) => `line ${nth} – ü\n`);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('LineWriter', () => {
  it('writes the lines of a turn together, in their order, after it', () => {
    const pipe = new Pipe(1_000_000);
    const writer = new LineWriter(pipe, 1_000_000);
    for (const line of lines(3)) writer.write(line);
    expect(pipe.written).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(pipe.written.map(String)).toEqual([lines(3).join('')]);
  });

  it('goes on where a full pipe has stopped it, in the middle of a line', () => {
    const pipe = new Pipe(5);
    const writer = new LineWriter(pipe, 1_000_000);
    for (const line of lines(3_000)) writer.write(line);
    jest.advanceTimersByTime(1_000);
    expect(pipe.text).toBe('line ');
    pipe.room = 1_000_000;
    jest.advanceTimersByTime(1_000);
    expect(pipe.text).toBe(lines(3_000).join(''));
  });

  it('drops what is more than it may keep', () => {
    const pipe = new Pipe(0);
    const writer = new LineWriter(pipe, 20);
    for (const line of ['a'.repeat(15), 'b'.repeat(15), 'c'.repeat(5)]) writer.write(line);
    pipe.room = 1_000;
    jest.advanceTimersByTime(1_000);
    expect(pipe.text).toBe('aaaaaaaaaaaaaaaccccc');
  });

  it('never writes again when the reader has gone', () => {
    const pipe = new Pipe(1_000);
    const writer = new LineWriter(pipe, 1_000);
    pipe.failure = 'EPIPE';
    writer.write('lost');
    jest.advanceTimersByTime(1_000);
    pipe.failure = null;
    writer.write('late');
    jest.advanceTimersByTime(1_000);
    writer.end();
    expect(pipe.written).toEqual([]);
  });

  it('keeps its lines after any other failure, and tries again with the next', () => {
    const pipe = new Pipe(1_000);
    const writer = new LineWriter(pipe, 1_000);
    pipe.failure = 'ENOSPC';
    writer.write('first,');
    jest.advanceTimersByTime(1_000);
    pipe.failure = null;
    writer.write('second');
    jest.advanceTimersByTime(1_000);
    expect(pipe.text).toBe('first,second');
  });
});

describe('the end of a LineWriter', () => {
  it('is its last line, however many wait for however slow a reader', () => {
    const pipe = new Pipe(100, 30);
    const writer = new LineWriter(pipe, 1_000_000);
    for (const line of lines(10_000)) writer.write(line);
    writer.end();
    expect(pipe.text).toBe(lines(10_000).join(''));
    expect(pipe.sleptMs).toBeGreaterThan(5_000);
  });

  it('waits two seconds for a reader that stands still', () => {
    const pipe = new Pipe(0);
    const writer = new LineWriter(pipe, 1_000);
    writer.write('unread');
    writer.end();
    expect(pipe.sleptMs).toBe(2_000);
  });

  it('waits ten seconds for one that hardly reads', () => {
    const pipe = new Pipe(0, 1 / 20);
    const writer = new LineWriter(pipe, 1_000_000);
    for (const line of lines(10_000)) writer.write(line);
    writer.end();
    expect(pipe.sleptMs).toBe(10_000);
  });

  it('fails for nothing', () => {
    const pipe = new Pipe(1_000);
    const writer = new LineWriter(pipe, 1_000);
    pipe.failure = 'EIO';
    writer.write('lost');
    writer.end();
    expect(pipe.sleptMs).toBe(0);
  });
});
