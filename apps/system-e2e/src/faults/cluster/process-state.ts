import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What the kernel knows of a process. */
export interface ProcessState {
  readonly sockets: number;
  /** Paths of open files that a program would have opened, not those of the runtime itself. */
  readonly files: readonly string[];
  readonly descriptors: number;
  /** Memory of its own that is in use, in bytes. */
  readonly memoryBytes: number;
}

export function processState(pid: number): ProcessState {
  const links = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
  return {
    descriptors: links.length,
    sockets: links.filter((link) => link.startsWith('socket:')).length,
    files: links.filter((link) => link.startsWith('/') && !link.startsWith('/dev/')),
    memoryBytes: Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
  };
}
