import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RegistryHarness, ROLE } from './testing/registry-harness.js';

/** The conformance program of the distribution spec, as CI installs it. It is no npm package. */
const PROGRAM = fileURLToPath(new URL('../../../.tools/bin/conformance', import.meta.url));

let harness: RegistryHarness;
let results: string;

beforeAll(async () => {
  harness = await RegistryHarness.create();
  results = await mkdtemp(join(tmpdir(), 'breakwater-conformance-'));
});
afterAll(async () => {
  await harness.close();
  await rm(results, { recursive: true, force: true });
});

const whereInstalled = existsSync(PROGRAM) ? it : it.skip;

whereInstalled(
  'passes every test of the newest suite: no failure, no error, nothing skipped, nothing switched off',
  async () => {
    const project = await harness.project('conf', { metadata: { sparse_content: 'true' } });
    const user = await harness.user({ [project.id]: ROLE.admin });
    const port = await harness.start();
    const [, credentials = ''] = user.basic.split(' ');
    const [username = '', password = ''] = Buffer.from(credentials, 'base64').toString().split(':');
    await run({
      OCI_REGISTRY: `127.0.0.1:${port}`,
      OCI_TLS: 'disabled',
      OCI_VERSION: 'dev',
      OCI_DATA_SPARSE: 'true',
      OCI_USERNAME: username,
      OCI_PASSWORD: password,
      OCI_REPO1: 'conf/repo1',
      OCI_REPO2: 'conf/repo2',
      OCI_RESULTS_DIR: results,
    });
    // An error while it is set up ends the program with 0: only the report tells.
    const report = await readFile(join(results, 'junit.xml'), 'utf8');
    const [, tests] = /<testsuites[^>]* tests="(\d+)"/.exec(report) ?? [];
    expect(Number(tests)).toBeGreaterThan(1000);
    const statuses = [...report.matchAll(/<testcase [^>]*status="(\w+)"/g)].map(([, status]) => status);
    expect(new Set(statuses)).toEqual(new Set(['passed']));
    // Parts of the API and kinds of data: a part that was switched off says so here alone.
    const summary = (await readFile(join(results, 'results.yaml'), 'utf8')).split(/^apis:$/m)[1] ?? '';
    const parts = [...summary.matchAll(/^ {2}[^:]+: (\w+)$/gm)].map(([, status]) => status);
    expect(parts.length).toBeGreaterThan(50);
    expect(new Set(parts)).toEqual(new Set(['Pass']));
  },
  120_000,
);

function run(environment: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(PROGRAM, { env: { ...environment, HOME: results }, cwd: results }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${stdout}\n${stderr}`, { cause: error }));
      else resolve(stdout);
    });
  });
}
