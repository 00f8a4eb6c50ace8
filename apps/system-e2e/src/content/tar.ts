const BLOCK = 512;

export interface TarEntry {
  readonly name: string;
  readonly content: Buffer;
}

/** A POSIX ustar archive of plain files, enough for every client that looks into a layer. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([
    ...entries.flatMap(({ name, content }) => [header(name, content.length), content, pad(content.length)]),
    Buffer.alloc(2 * BLOCK),
  ]);
}

function header(name: string, sizeBytes: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0, 100);
  block.write(octal(0o755, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(sizeBytes, 11), 124);
  block.write(octal(0, 11), 136);
  block.write('        ', 148); // the checksum counts itself as blanks
  block.write('0', 156);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function pad(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK - (sizeBytes % BLOCK)) % BLOCK);
}
