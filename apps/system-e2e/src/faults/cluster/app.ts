import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export type AppKind = 'core' | 'registry' | 'jobservice' | 'webhook';

export interface AppDefinition {
  readonly kind: AppKind;
  /** Unique in its cluster, e.g. `registry-1`. */
  readonly name: string;
  /** The file that Node runs. */
  readonly main: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Answers 200 once the app serves. */
  readonly readyUrl: string;
  readonly logFile: string;
}

const READY_WITHIN_MS = 120_000;
const POLL_MS = 20;

/** One process of the product, to be killed and started again at the same address. */
export class App {
  /** How often it ended although nobody asked it to. */
  crashes = 0;
  private child: ChildProcess | null = null;
  private ended: Promise<number | null> = Promise.resolve(null);
  private isAskedToEnd = false;
  private hasServed = false;

  constructor(private readonly definition: AppDefinition) {}

  get name(): string {
    return this.definition.name;
  }

  get kind(): AppKind {
    return this.definition.kind;
  }

  /** @throws Error  it is not running. */
  get pid(): number {
    if (this.child?.pid === undefined) throw new Error(`${this.name} is not running`);
    return this.child.pid;
  }

  get metricsUrl(): string {
    return new URL('/metrics', this.definition.readyUrl).href;
  }

  get isServing(): boolean {
    return this.child !== null && this.hasServed;
  }

  /** Starts it and waits until it serves. @throws Error  it ended first, or took too long. */
  async start(): Promise<void> {
    this.launch();
    await this.ready();
  }

  launch(): void {
    const { main, environment, logFile } = this.definition;
    const [program = '', ...args] = [...MORTAL, process.execPath, '--enable-source-maps', main];
    const child = spawn(program, args, { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(logFile, { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.child = child;
    this.isAskedToEnd = this.hasServed = false;
    this.ended = new Promise((resolve) => {
      child.once('close', (code) => {
        log.end();
        if (!this.isAskedToEnd) this.crashes++;
        this.child = null;
        this.hasServed = false;
        resolve(code);
      });
    });
  }

  async ready(): Promise<void> {
    for (const deadline = Date.now() + READY_WITHIN_MS; ; await delay(POLL_MS)) {
      if (this.child === null) throw new Error(`${this.name} ended before it served; see ${this.definition.logFile}`);
      if (await answers(this.definition.readyUrl)) break;
      if (Date.now() > deadline) throw new Error(`${this.name} does not serve; see ${this.definition.logFile}`);
    }
    this.hasServed = true;
  }

  /** As the power does it: no handler runs, no buffer is written. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** Asks it to end. @returns its exit code; null when it had to be killed by somebody. */
  terminate(): Promise<number | null> {
    this.signal('SIGTERM');
    return this.ended;
  }

  private signal(signal: NodeJS.Signals): void {
    this.isAskedToEnd = true;
    this.child?.kill(signal);
  }
}

/** Where util-linux is new enough, the kernel ends the process together with this one, even after kill -9. */
const MORTAL = ((): readonly string[] => {
  try {
    execFileSync('setpriv', ['--pdeathsig', 'KILL', '--', 'true'], { stdio: 'ignore' });
    return ['setpriv', '--pdeathsig', 'KILL', '--'];
  } catch {
    return [];
  }
})();

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
  await answer?.body?.cancel();
  return answer?.status === 200;
}
