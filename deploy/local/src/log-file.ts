import { createWriteStream, existsSync, renameSync, statSync } from 'node:fs';

const KEEP_BYTES = 32 * 1024 * 1024;

/** Opens a log for appending; what has grown too long is set aside first, one old file is kept. */
export function openLog(path: string): NodeJS.WritableStream {
  if (existsSync(path) && statSync(path).size > KEEP_BYTES) renameSync(path, `${path}.1`);
  return createWriteStream(path, { flags: 'a', mode: 0o640 });
}

/** For servers that hand over their log by the line. */
export function appendLog(path: string): (line: string) => void {
  const log = openLog(path);
  return (line) => void log.write(`${line}\n`);
}
