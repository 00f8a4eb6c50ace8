import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ReferenceAdapter } from './testing/reference-adapter.js';

const execute = promisify(execFile);
const project = resolve(import.meta.dirname, '..');
const root = resolve(project, '../..');

let folder: string;
let archive: string;
let adapter: ReferenceAdapter;
let url: URL;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-pack-'));
  adapter = new ReferenceAdapter();
  url = await adapter.start();
  await run('npm', ['pack', '--silent', '--pack-destination', folder], project);
  archive = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
});

afterAll(async () => {
  await adapter.stop();
  rmSync(folder, { recursive: true });
});

describe('the package that vendors get', () => {
  it('runs by npx from its archive, without anything else to fetch', async () => {
    const checks = ['scanner-conformance', url.href, '--only', 'A,C1'];
    const { stdout } = await run('npx', ['--yes', '--offline', '-p', archive, ...checks]);
    expect(stdout).toContain('The adapter conforms to 1.2.');
  });

  it('tells by its exit code what became of it, and knows its version', async () => {
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--prefix', folder, archive]);
    const bin = join(folder, 'node_modules/.bin/scanner-conformance');
    const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string };
    expect((await run(bin, ['--version'])).stdout).toBe(`${version}\n`);
    const misunderstood = run(bin, [url.href, '--timeout', 'soon']);
    await expect(misunderstood).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('--timeout is') });
    const nobody = run(bin, ['http://127.0.0.1:1']);
    await expect(nobody).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('ECONNREFUSED') });
  });
});

/** As on a vendor's machine: Node and npm, and nothing of this repository. */
function run(program: string, args: readonly string[], cwd = folder): Promise<{ stdout: string; stderr: string }> {
  const own = (process.env['PATH'] ?? '').split(delimiter).filter((place) => !place.startsWith(root));
  const path = [dirname(process.execPath), ...own].join(delimiter);
  return execute(program, args, { cwd, env: { PATH: path, HOME: folder } });
}
