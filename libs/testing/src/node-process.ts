import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a process said and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of ours, from its source, in a process of its own. */
export class NodeProcess {
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;
  private stdout = '';
  private stderr = '';

  /** @param program  e.g. `new URL('./main.ts', import.meta.url)`. */
  constructor(program: URL, environment: Readonly<Record<string, string>>, args: readonly string[] = []) {
    const hooks = new URL('./jest/typescript-hooks.mjs', import.meta.url).href;
    this.child = spawn(process.execPath, ['--import', hooks, fileURLToPath(program), ...args], { env: environment });
    this.child.stdout?.on('data', (text: Buffer) => (this.stdout += text.toString()));
    this.child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()));
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** On its standard output, until now. */
  said(): string {
    return this.stdout;
  }

  /** Whether it has said this on its standard output. */
  hasSaid(text: string): boolean {
    return this.stdout.includes(text);
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
