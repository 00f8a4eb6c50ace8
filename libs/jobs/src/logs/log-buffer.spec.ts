import { describe, expect, it } from '@jest/globals';
import { LogBuffer } from './log-buffer.js';

const AT = '2026-08-21T05:58:10.123Z';
const aBuffer = (): LogBuffer => new LogBuffer(() => new Date(AT));

describe('LogBuffer', () => {
  it('hands out what is new, with its time, one entry per line', () => {
    const buffer = aBuffer();
    expect(buffer.take()).toBeNull();
    buffer.add('pulled\r\nthe image\0');
    buffer.add('done');
    expect(buffer.take()).toBe(`${AT} pulled\n  the image\n${AT} done\n`);
    expect(buffer.take()).toBeNull();
  });

  it('gives again what could not be stored, before what came later', () => {
    const buffer = aBuffer();
    buffer.add('one');
    const taken = buffer.take() ?? '';
    buffer.add('two');
    buffer.putBack(taken);
    expect(buffer.takeAll()).toBe(`${AT} one\n${AT} two\n`);
  });

  it('gives nothing of what came later before what was taken is stored, or is back', async () => {
    const buffer = aBuffer();
    buffer.add('one');
    const taken = buffer.take() ?? '';
    const storing = Promise.withResolvers<void>();
    buffer.sentWith(storing.promise);
    buffer.add('two');
    expect(buffer.take()).toBeNull();
    const last = buffer.settled().then(() => buffer.takeAll());
    buffer.putBack(taken);
    storing.reject(new Error('the database is away'));
    expect(await last).toBe(`${AT} one\n${AT} two\n`);
    buffer.add('three');
    expect(buffer.take()).toBe(`${AT} three\n`);
  });

  it('keeps the beginning and the end of what is too much, and says how much is missing', () => {
    const buffer = aBuffer();
    let stored = '';
    for (let line = 0; line < 100_000; line++) {
      buffer.add(`line ${line}`);
      if (line % 1_000 === 0) stored += buffer.take() ?? '';
    }
    stored += buffer.takeAll() ?? '';
    expect(stored.length).toBeLessThan(2 ** 20 + 2 ** 14);
    const lines = stored.trimEnd().split('\n');
    expect(lines[0]).toBe(`${AT} line 0`);
    expect(lines.at(-1)).toBe(`${AT} line 99999`);
    const shown = lines.length - 1;
    expect(lines).toContain(`… ${100_000 - shown} lines are left out …`);
  });

  it('cuts a line that is too long', () => {
    const buffer = aBuffer();
    buffer.add('x'.repeat(10_000));
    expect(buffer.take()).toHaveLength(AT.length + 1 + 8_192 + 2);
  });
});
