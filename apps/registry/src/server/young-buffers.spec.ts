import { describe, expect, it } from '@jest/globals';
import { YoungBuffers } from './young-buffers.js';

const MIB = 2 ** 20;

describe('YoungBuffers', () => {
  it('collects once for every 16 MiB that arrived, over all bodies together', () => {
    let collections = 0;
    const buffers = new YoungBuffers(() => collections++);
    for (let arrived = 0; arrived < 160 * 16; arrived++) buffers.arrived(MIB / 16);
    expect(collections).toBe(10);
  });

  it('gets the collector of the runtime', () => {
    expect(() => new YoungBuffers().arrived(16 * MIB)).not.toThrow();
  });
});
