import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { lastWordsIn, openLog } from './log-file.js';
import type { PidFile } from './pid-file.js';

export interface AppDefinition {
  /** As people know it: `core`, `registry`, `jobservice`. */
  readonly name: string;
  /** For Node. */
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Answers 200 once the app serves. */
  readonly readyUrl: string;
}

const NODE_OPTIONS = ['--enable-source-maps', '--import', join(import.meta.dirname, 'lifeline.js')];
const RESTARTS_IN_A_ROW = 5;
/** One that has never served has most likely been told something wrong, and somebody waits to hear what. */
const RESTARTS_BEFORE_SERVING = 1;
const STEADY_AFTER_MS = 30_000;

/** One app under supervision: started, watched, started again when it dies, stopped with grace. */
export class AppProcess {
  private child: ChildProcess | null = null;
  private isStopping = false;
  private hasServed = false;
  private failuresInARow = 0;

  constructor(
    private readonly app: AppDefinition,
    private readonly pids: PidFile,
    /** Called when the app will not stay up. */
    private readonly onGivenUp: (message: string) => void,
  ) {}

  start(): void {
    const log = openLog(this.app.logFile);
    const child = spawn(process.execPath, [...NODE_OPTIONS, this.app.program], {
      env: this.app.environment,
      // Into the file, not through us: what it says last is there, whoever ended first. Its input is the lifeline.
      stdio: ['pipe', log, log],
      // Its own group: Ctrl-C reaches the supervisor alone, which then stops the apps in order.
      detached: true,
    });
    closeSync(log);
    const startedAt = Date.now();
    this.child = child;
    if (child.pid !== undefined) this.pids.add(this.app.name, child.pid);
    child.on('error', (error) => this.onGivenUp(`${this.app.name} cannot be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      if (child.pid !== undefined) this.pids.remove(child.pid);
      this.child = null;
      if (!this.isStopping) this.restart(Date.now() - startedAt, signal ?? `exit code ${code}`);
    });
  }

  /** Resolves when the app answers; rejects when it gave up, `timeoutMs` passed, or nobody waits any more. */
  async ready(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await answers(this.app.readyUrl))) {
      signal.throwIfAborted();
      if (Date.now() > deadline)
        throw new Error(`${this.app.name} is not ready after ${timeoutMs / 1000} s; see ${this.app.logFile}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.hasServed = true;
  }

  async stop(graceMs: number): Promise<void> {
    this.isStopping = true;
    const child = this.child;
    if (child === null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const insist = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(insist);
  }

  private restart(livedMs: number, how: string): void {
    this.failuresInARow = livedMs > STEADY_AFTER_MS ? 1 : this.failuresInARow + 1;
    if (this.failuresInARow > (this.hasServed ? RESTARTS_IN_A_ROW : RESTARTS_BEFORE_SERVING)) {
      const words = lastWordsIn(this.app.logFile);
      this.onGivenUp(
        `${this.app.name} ended ${this.failuresInARow} times in a row (${how})${words === null ? '.' : `: ${words}`}\n` +
          `Its log is ${this.app.logFile}`,
      );
      return;
    }
    setTimeout(() => !this.isStopping && this.start(), 200 * 2 ** this.failuresInARow);
  }
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ask = request(url, { timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ask.on('timeout', () => ask.destroy());
    ask.on('error', () => resolve(false));
    ask.end();
  });
}
