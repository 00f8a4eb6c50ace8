/**
 * A tar stream written by hand, because half of what the kit needs is what no packing library would write: paths that
 * leave the archive, links in circles, sparse files.
 *
 * @see POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format", for sparse members.
 */
export interface TarEntry {
  /** At most 100 bytes. */
  path: string;
  kind?: keyof typeof TYPE_FLAG;
  /** Content of a file. */
  body?: Buffer | string;
  /** Where a link leads. */
  target?: string;
  /** Octal; 0644 for files and 0755 for folders when not given. */
  mode?: number;
  /** Sparse members only: what the file claims to be as it lies on a disk. */
  realSizeBytes?: number;
}

const BLOCK_BYTES = 512;
const TYPE_FLAG = { file: '0', hardLink: '1', symlink: '2', directory: '5', sparse: 'S' } as const;

export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const body = Buffer.from(entry.body ?? '');
    return [tarHeader(entry, body.length), body, padding(body.length)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

/** The 512 bytes before a member's content, of which `sizeBytes` follow. */
export function tarHeader(entry: TarEntry, sizeBytes: number): Buffer {
  const kind = entry.kind ?? 'file';
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(entry.path, 0, 100);
  header.write(octal(entry.mode ?? (kind === 'directory' ? 0o755 : 0o644), 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(sizeBytes, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(TYPE_FLAG[kind], 156);
  header.write(entry.target ?? '', 157, 100);
  if (kind === 'sparse') writeSparseMap(header, entry.realSizeBytes ?? sizeBytes, sizeBytes);
  else header.write('ustar\x0000', 257);
  return withChecksum(header);
}

/** One run of data at the very end of a file that is otherwise a hole. */
function writeSparseMap(header: Buffer, realSizeBytes: number, sizeBytes: number): void {
  header.write('ustar  \0', 257);
  header.write(octal(realSizeBytes - sizeBytes, 12), 386);
  header.write(octal(sizeBytes, 12), 398);
  header.write(octal(realSizeBytes, 12), 483);
}

function withChecksum(header: Buffer): Buffer {
  header.write(' '.repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}

function padding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}
