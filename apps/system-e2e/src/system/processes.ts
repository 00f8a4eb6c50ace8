import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KnownProcess {
  readonly name: string;
  readonly pid: number;
}

/** The parts of a running installation: `supervisor`, `postgres`, `nats`, `core`, `registry`, `jobservice` … */
export function processesOf(dataDirectory: string): readonly KnownProcess[] {
  return JSON.parse(readFileSync(join(dataDirectory, 'processes.json'), 'utf8')) as KnownProcess[];
}

export function processOf(dataDirectory: string, name: string): number {
  const known = processesOf(dataDirectory).find((process) => process.name === name);
  if (known === undefined) throw new Error(`no ${name} in ${dataDirectory}/processes.json`);
  return known.pid;
}

/** As by kill -9, one right after the other: whoever ends with an earlier one before it is hit has ended all the same. */
export function killAll(processes: readonly KnownProcess[]): void {
  for (const { pid } of processes)
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
}

/** What a process was started with. */
export function environmentOf(pid: number): Record<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

/** Every process of this machine whose command or environment names the folder, however it was started. */
export function processesNaming(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((file) => read(pid, file).includes(directory)))
    .filter((pid) => !/^State:\s+Z/m.test(read(pid, 'status')))
    .map((pid) => `${pid} ${read(pid, 'cmdline').replaceAll('\0', ' ')}`);
}

/** Empty when it has just ended or is somebody else's. */
function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
