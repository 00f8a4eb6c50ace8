import { afterEach, describe, expect, it } from '@jest/globals';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

const HOOKS = new URL('../../../testing/src/jest/typescript-hooks.mjs', import.meta.url).href;
const LOGGER = new URL('logger.ts', import.meta.url).href;

/** Logs as many lines as each number that it is sent, answers `done`, and ends with SIGTERM as the apps do. */
const PROGRAM = `
  import { createLogger } from ${JSON.stringify(LOGGER)};
  const log = createLogger({ level: 'info', app: 'test' });
  process.on('SIGTERM', () => {
    log.info('asked to stop');
    log.info('stopped');
    process.exit(0);
  });
  process.stdin.on('data', (count) => {
    for (let line = 1; line <= Number(count); line++) log.info('a line of some length', { line });
    process.stderr.write('done');
  });
  process.stderr.write('begun');
`;

describe('the log of a process', () => {
  let child: ChildProcessByStdio<Writable, Readable, Readable>;
  let said: string;
  afterEach(() => {
    child.kill('SIGKILL');
  });

  async function begin(): Promise<void> {
    const args = ['--import', HOOKS, '--input-type=module', '--eval', PROGRAM];
    child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    said = '';
    child.stderr.setEncoding('utf8').on('data', (words: string) => (said += words));
    await hearing('begun');
  }
  async function log(lines: number): Promise<void> {
    said = '';
    child.stdin.write(String(lines));
    await hearing('done');
  }
  /** The word, and not just any: Node warns on the same stream. */
  async function hearing(word: string): Promise<void> {
    while (!said.includes(word)) await once(child.stderr, 'data');
  }
  async function end(): Promise<unknown[]> {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    return ended;
  }

  it('is written to its last line before the process exits', async () => {
    await begin();
    const written = text(child.stdout);
    await log(10_000);
    expect(await end()).toEqual([0, null]);
    const lines = (await written).trimEnd().split('\n');
    expect(lines).toHaveLength(10_002);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ app: 'test', message: 'stopped' });
  });

  it('keeps no process from ending whose reader has gone', async () => {
    await begin();
    child.stdout.destroy();
    expect(await end()).toEqual([0, null]);
  });

  it('keeps no process from working whose reader has gone', async () => {
    await begin();
    child.stdout.destroy();
    for (let time = 0; time < 5; time++) await log(1_000);
    expect(await end()).toEqual([0, null]);
  });

  it('keeps no process from working and ending whose reader stands still', async () => {
    await begin();
    for (let time = 0; time < 5; time++) await log(10_000);
    expect(await end()).toEqual([0, null]);
  });
});
