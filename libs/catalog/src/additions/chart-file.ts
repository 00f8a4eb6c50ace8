import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';

/** Of an unpacked chart, as far as it is read. A gzip of a few kilobytes can hold gigabytes. */
export const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;
/** Of one file in it. */
export const MAX_FILE_BYTES = 1024 * 1024;

/** An archive, or a file in it, that is larger than anything that is shown. */
export class ChartTooLargeError extends Error {}

/**
 * Finds a file at the top of a Helm chart, `<chart>/<name>`, by its name in any case.
 *
 * Nothing is written anywhere: names in the archive are compared, never used.
 *
 * @param archive  a tar in gzip, as strangers pushed it. Read only as far as the file.
 * @returns null for a chart without it.
 * @throws ChartTooLargeError; errors of zlib and tar for anything that is no such archive.
 */
export async function findChartFile(archive: Readable, name: string): Promise<Buffer | null> {
  const finder = new FileFinder(name);
  const unpacked = createGunzip();
  archive.once('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  try {
    let unpackedBytes = 0;
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      unpackedBytes += chunk.byteLength;
      if (unpackedBytes > MAX_UNPACKED_BYTES) throw new ChartTooLargeError('the chart is too large');
      if (finder.write(chunk)) return finder.found;
    }
    finder.end();
    return finder.found;
  } finally {
    archive.destroy();
    unpacked.destroy();
  }
}

class FileFinder {
  found: Buffer | null = null;
  private failure: Error | null = null;
  private readonly parser: Parser;

  constructor(private readonly name: string) {
    this.parser = new Parser({ onReadEntry: (entry) => this.read(entry) });
    this.parser.on('warn', (code: string, message: string) => {
      if (code === 'TAR_BAD_ARCHIVE' || code === 'TAR_ENTRY_INVALID') this.failure ??= new Error(message);
    });
    this.parser.on('error', (error: Error) => (this.failure ??= error));
  }

  /** @returns whether the file is complete. */
  write(chunk: Buffer): boolean {
    // Entries are read as they come, so the parser never holds anything back.
    this.parser.write(chunk);
    this.throwFailure();
    return this.found !== null;
  }

  end(): void {
    this.parser.end();
    this.throwFailure();
  }

  private read(entry: ReadEntry): void {
    if (this.found !== null || !this.isMeant(entry)) return void entry.resume();
    if (entry.size > MAX_FILE_BYTES) {
      this.failure = new ChartTooLargeError(`${this.name} is too large`);
      return void entry.resume();
    }
    const chunks: Buffer[] = [];
    entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    entry.on('end', () => (this.found ??= Buffer.concat(chunks)));
  }

  private isMeant({ type, path }: ReadEntry): boolean {
    const [, file, ...deeper] = path.replace(/^\.\//, '').split('/');
    return type === 'File' && deeper.length === 0 && file?.toLowerCase() === this.name;
  }

  private throwFailure(): void {
    if (this.failure !== null) throw this.failure;
  }
}
