import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** A process, told apart from a later one with the same id by when it started. */
interface KnownProcess {
  readonly name: string;
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat: clock ticks since boot. */
  readonly startedAt: string;
}

/**
 * The processes of one installation, on disk, so that `npm run stop` and the next start find what a
 * killed supervisor left behind.
 */
export class PidFile {
  private processes: KnownProcess[] = [];

  constructor(private readonly path: string) {}

  /** Processes of an earlier run that are still alive. */
  living(): readonly KnownProcess[] {
    return this.read().filter((known) => startTimeOf(known.pid) === known.startedAt);
  }

  add(name: string, pid: number): void {
    const startedAt = startTimeOf(pid);
    if (startedAt === null) return;
    this.processes.push({ name, pid, startedAt });
    this.write();
  }

  remove(pid: number): void {
    this.processes = this.processes.filter((known) => known.pid !== pid);
    this.write();
  }

  clear(): void {
    this.processes = [];
    rmSync(this.path, { force: true });
  }

  private write(): void {
    // At once or not at all: other commands read it meanwhile, and whoever is killed leaves what was known before.
    writeFileSync(`${this.path}.new`, JSON.stringify(this.processes));
    renameSync(`${this.path}.new`, this.path);
  }

  private read(): KnownProcess[] {
    try {
      return JSON.parse(readFileSync(this.path, 'utf8')) as KnownProcess[];
    } catch {
      return []; // no file, or one that a crash cut short: nothing is known
    }
  }
}

function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not looked yet.
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** Ends processes in order: asks, waits, insists. Their ports and folders are free afterwards. */
export async function endProcesses(pids: readonly number[], graceMs: number): Promise<void> {
  const signal = (pid: number, name: NodeJS.Signals): void => {
    try {
      process.kill(pid, name);
    } catch {
      // gone already
    }
  };
  const isAlive = (pid: number): boolean => startTimeOf(pid) !== null;
  for (const pid of pids) signal(pid, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  const isTimeLeft = (): boolean => Date.now() < deadline + KILLED_WITHIN_MS;
  for (; pids.some(isAlive) && isTimeLeft(); await new Promise((resolve) => setTimeout(resolve, 50)))
    if (Date.now() >= deadline) for (const pid of pids.filter(isAlive)) signal(pid, 'SIGKILL');
}

/** One that waits for a disk takes a moment to die. One of another user, which is not ours to end, never does. */
const KILLED_WITHIN_MS = 10_000;
