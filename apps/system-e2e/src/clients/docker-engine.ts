import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findTool, run } from '../system/tools.js';

/** One that cannot start ends by itself, and much earlier. */
const READY_WITHIN_MS = 90_000;

/** A Docker engine of the test's own: its own data, socket and containerd, no network, nothing of the machine's. */
export class DockerEngine {
  readonly host: string;
  private daemon: ChildProcess | null = null;

  /** @param directory  absolute: containerd takes nothing else. */
  constructor(private readonly directory: string) {
    this.host = `unix://${join(directory, 'd.sock')}`;
  }

  /** Tries the file systems from the best to the one that works everywhere. */
  async start(): Promise<void> {
    mkdirSync(this.directory, { recursive: true });
    const tried: string[] = [];
    for (const driver of ['overlay2', 'vfs']) {
      const log = join(this.directory, `dockerd-${driver}.log`);
      this.daemon = this.launch(driver, log);
      if (await this.answers(this.daemon)) return;
      await this.stop();
      tried.push(readFileSync(log, 'utf8').split('\n').slice(-15).join('\n'));
    }
    throw new Error(`dockerd does not start here:\n${tried.join('\n\n')}`);
  }

  async stop(): Promise<void> {
    const daemon = this.daemon;
    this.daemon = null;
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
  }

  private launch(driver: string, log: string): ChildProcess {
    const at = (name: string): string => join(this.directory, name);
    const args = [
      ...['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid'), '-H', this.host],
      ...['--storage-driver', driver, '--bridge', 'none', '--iptables=false', '--ip6tables=false'],
    ];
    const output = openSync(log, 'w');
    return spawn(findTool('dockerd') ?? 'dockerd', args, { stdio: ['ignore', output, output] });
  }

  private async answers(daemon: ChildProcess): Promise<boolean> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (daemon.exitCode === null && daemon.signalCode === null && Date.now() < deadline) {
      if ((await run(dockerProgram(), ['-H', this.host, 'version'])).code === 0) return true;
      await delay(100);
    }
    return false;
  }
}

/** The one that came with the engine, where there are several. */
export function dockerProgram(): string {
  return findTool('docker', ['/usr/bin']) ?? 'docker';
}
