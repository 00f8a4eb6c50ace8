import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ReferenceAdapter } from './testing/reference-adapter.js';

const run = promisify(execFile);
const project = resolve(import.meta.dirname, '..');
/** As on a vendor's machine: Node and npm, and nothing of this repository. */
const options = { env: { PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter) } };

let folder: string;
let adapter: ReferenceAdapter;
let url: URL;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-pack-'));
  adapter = new ReferenceAdapter();
  url = await adapter.start();
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { ...options, cwd: project });
});

afterAll(async () => {
  await adapter.stop();
  rmSync(folder, { recursive: true });
});

describe('the package that vendors get', () => {
  it('runs by npx from its archive, without anything else to fetch', async () => {
    const [archive = ''] = readdirSync(folder);
    const { stdout } = await run(
      'npx',
      ['--yes', '--offline', '-p', join(folder, archive), 'scanner-conformance', url.href, '--only', 'A,C1'],
      {
        env: { ...options.env, HOME: folder },
        cwd: folder,
      },
    );
    expect(stdout).toContain('The adapter conforms to 1.2.');
  });

  it('says by its exit code that an adapter does not conform, and knows its version', async () => {
    const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    await run(
      'npm',
      ['install', '--offline', '--no-audit', '--no-fund', '--prefix', folder, join(folder, archive)],
      options,
    );
    const bin = join(folder, 'node_modules/.bin/scanner-conformance');
    const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string };
    expect((await run(bin, ['--version'], options)).stdout).toBe(`${version}\n`);
    const refused = run(bin, [url.href, '--only', 'C1', '--timeout', 'soon'], options);
    await expect(refused).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('--timeout is a number') });
    const nobody = run(bin, ['http://127.0.0.1:1'], options);
    await expect(nobody).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('ECONNREFUSED') });
  });
});
