import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { aTar } from '../testing/archives.js';
import { ChartTooLargeError, findChartFile, MAX_FILE_BYTES, MAX_UNPACKED_BYTES } from './chart-file.js';

const packed = (files: Record<string, string | Buffer>): Readable => inPieces(gzipSync(aTar(files)));

/** As a network gives it. */
function inPieces(bytes: Buffer, size = 97): Readable {
  return Readable.from(
    Array.from({ length: Math.ceil(bytes.byteLength / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  );
}

const find = async (files: Record<string, string | Buffer>, name: string): Promise<string | null> =>
  (await findChartFile(packed(files), name))?.toString() ?? null;

describe('findChartFile', () => {
  it('finds a file at the top of the chart, whatever its case', async () => {
    const files = { 'web/Chart.yaml': 'name: web', 'web/README.md': '# Web', 'web/values.yaml': 'replicas: 1\n' };
    expect(await find(files, 'readme.md')).toBe('# Web');
    expect(await find(files, 'values.yaml')).toBe('replicas: 1\n');
    expect(await find({ './web/values.yaml': 'dotted' }, 'values.yaml')).toBe('dotted');
  });

  it('takes neither the files of a subchart nor one beside the chart', async () => {
    const files = { 'values.yaml': 'beside', 'web/charts/db/values.yaml': 'below' };
    expect(await find(files, 'values.yaml')).toBeNull();
  });

  it('takes the first of two and an empty one as it is', async () => {
    expect(await find({ 'web/values.yaml': '', 'web/VALUES.yaml': 'second' }, 'values.yaml')).toBe('');
  });

  it('reads a file of the largest size, and refuses one byte more', async () => {
    expect(await find({ 'web/values.yaml': 'v'.repeat(MAX_FILE_BYTES) }, 'values.yaml')).toHaveLength(MAX_FILE_BYTES);
    await expect(find({ 'web/values.yaml': 'v'.repeat(MAX_FILE_BYTES + 1) }, 'values.yaml')).rejects.toThrow(
      ChartTooLargeError,
    );
  });

  it('stops at what unpacks to too much', async () => {
    const bomb = { 'web/filler': Buffer.alloc(MAX_UNPACKED_BYTES), 'web/values.yaml': 'never read' };
    const archive = Readable.from([gzipSync(aTar(bomb))]);
    await expect(findChartFile(archive, 'values.yaml')).rejects.toThrow(ChartTooLargeError);
  });

  it.each([
    ['no gzip', Buffer.from('plain text')],
    ['half a gzip', gzipSync(aTar({ 'web/README.md': 'x'.repeat(9_999) })).subarray(0, 60)],
    ['a gzip of no tar', gzipSync(Buffer.alloc(2_048, 'x'))],
  ])('refuses %s', async (_, bytes) => {
    await expect(findChartFile(inPieces(bytes), 'values.yaml')).rejects.toThrow();
  });
});
