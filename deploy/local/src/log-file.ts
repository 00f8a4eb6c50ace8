import { existsSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';

const KEEP_BYTES = 32 * 1024 * 1024;

/** Opens a log for appending, as a file descriptor; what has grown too long is set aside first, one old file is kept. */
export function openLog(path: string): number {
  if (existsSync(path) && statSync(path).size > KEEP_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o640);
}

/** For servers that hand over their log by the line. */
export function appendLog(path: string): (line: string) => void {
  const log = openLog(path);
  return (line) => {
    try {
      writeSync(log, `${line}\n`);
    } catch {
      // A full disk costs a line of the log, and not the server.
    }
  };
}

/**
 * What a process said last about why it ended: what it printed after its last entry, such as faults of its settings, or
 * else the message of its last error. Null for nothing.
 */
export function lastWordsIn(path: string): string | null {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean).slice(-LAST_LINES) : [];
  const entries = lines.map(entryIn);
  const printed = lines.slice(entries.findLastIndex((entry) => entry !== null) + 1);
  if (printed.length > 0) return printed.join('\n');
  const error = entries.findLast((entry) => entry?.level === 'error' || entry?.level === 'fatal');
  return error?.error?.message ?? error?.message ?? null;
}

const LAST_LINES = 20;

interface LogEntry {
  readonly level?: string;
  readonly message?: string;
  readonly error?: { readonly message?: string };
}

function entryIn(line: string): LogEntry | null {
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return null;
  }
}
