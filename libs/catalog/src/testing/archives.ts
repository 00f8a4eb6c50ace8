import { Header } from 'tar';

const BLOCK_BYTES = 512;

/** A tar of these files, in this order. */
export function aTar(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const entries = Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(BLOCK_BYTES);
    new Header({ path, size: bytes.byteLength, type: 'File', mode: 0o644, mtime: new Date(0) }).encode(header);
    return [header, bytes, Buffer.alloc((BLOCK_BYTES - (bytes.byteLength % BLOCK_BYTES)) % BLOCK_BYTES)];
  });
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK_BYTES)]);
}
