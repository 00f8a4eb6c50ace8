import { describe, expect, it } from '@jest/globals';
import { BufferPool } from './buffer-pool.js';

describe('BufferPool', () => {
  it('gives the same memory again, by size', () => {
    const pool = new BufferPool();
    const small = pool.take(1024);
    const large = pool.take(4096);
    pool.give(small);
    pool.give(large);
    expect(pool.take(4096)).toBe(large);
    expect(pool.take(1024)).toBe(small);
    expect(pool.take(1024)).not.toBe(small);
  });

  it('gives memory that owns its whole ArrayBuffer, fit to be moved to a thread', () => {
    const buffer = new BufferPool().take(512);
    expect([buffer.byteOffset, buffer.buffer.byteLength]).toEqual([0, 512]);
  });

  it('keeps no more idle memory than it may', () => {
    const pool = new BufferPool({ maxIdleBytes: 2048 });
    const buffers = [pool.take(1024), pool.take(1024), pool.take(1024)];
    buffers.forEach((buffer) => pool.give(buffer));
    expect(buffers.map((buffer) => buffer.length)).toEqual([1024, 1024, 0]);
    expect(buffers).toContain(pool.take(1024));
    expect(buffers).toContain(pool.take(1024));
    expect(buffers).not.toContain(pool.take(1024));
  });

  it('keeps no idle memory while what is in use takes the room', () => {
    const pool = new BufferPool({ crowdedBytes: 2048 });
    const [first, second, third] = [pool.take(1024), pool.take(1024), pool.take(1024)];
    pool.give(first);
    pool.give(second);
    pool.give(third);
    expect([first.length, second.length, third.length]).toEqual([0, 1024, 1024]);
  });

  it('counts what is in use, and what will never come back', () => {
    const pool = new BufferPool({ crowdedBytes: 1500 });
    const first = pool.take(1024);
    expect(pool.isCrowded).toBe(false);
    pool.take(1024);
    expect(pool.isCrowded).toBe(true);
    pool.forget(1024);
    pool.give(first);
    expect(pool.usedBytes).toBe(0);
  });
});
