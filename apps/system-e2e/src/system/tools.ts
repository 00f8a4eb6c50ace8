import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { describe, it } from '@jest/globals';
import { e2eConfig } from './e2e.config.js';

const home = resolve(import.meta.dirname, '../../../..');

/**
 * Where a client program is, or null: on the PATH or among the project's tools.
 *
 * @param first  folders to look in before all others.
 */
export function findTool(name: string, first: readonly string[] = []): string | null {
  const directories = [
    ...first,
    join(e2eConfig.toolsDirectory() ?? join(home, '.tools'), 'bin'),
    ...e2eConfig.searchPath().split(delimiter),
    '/usr/sbin',
  ];
  return directories.map((directory) => join(directory, name)).find(isExecutable) ?? null;
}

/**
 * A suite that needs programs, or to be root. Where it cannot run it is skipped by name; tools/test.mjs, which reads the
 * name, counts that as a failure where nothing may be missing, but for what BREAKWATER_OPTIONAL_TOOLS excuses.
 */
export function describeWithTools(
  programs: readonly string[],
  suite: string,
  define: () => void,
  { needsRoot = false }: { readonly needsRoot?: boolean | undefined } = {},
): void {
  const missing = programs.filter((name) => findTool(name) === null);
  if (missing.length > 0) describe.skip(withoutTools(suite, missing), define);
  else if (needsRoot && process.getuid?.() !== 0) describe.skip(`${suite} (needs root)`, define);
  else describe(suite, define);
}

/** The same for one test. */
export function itWithTools(programs: readonly string[], test: string, run: () => Promise<void>): void {
  const missing = programs.filter((name) => findTool(name) === null);
  if (missing.length === 0) it(test, run);
  else it.skip(withoutTools(test, missing), run);
}

function withoutTools(name: string, missing: readonly string[]): string {
  return `${name} (not on this machine: ${missing.join(', ')})`;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** Runs a program to its end. A failing exit code is an answer, not an exception. */
export function run(name: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const program = isAbsolute(name) ? name : (findTool(name) ?? name);
  return new Promise((done, failed) => {
    const child = spawn(program, [...args], {
      cwd: options.cwd,
      env: { ...e2eConfig.inherited(), ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 120_000,
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    child.on('error', failed);
    child.on('close', (code) => done({ code: code ?? -1, ...output }));
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a program that has to succeed. @returns what it printed. */
export async function succeed(name: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const outcome = await run(name, args, options);
  if (outcome.code !== 0)
    throw new Error(`${name} ${args.join(' ')}\nexit code ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`);
  return outcome.stdout;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
