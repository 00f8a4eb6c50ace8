import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { Api } from '../system/api.js';
import { aTemporaryFolder } from '../system/temporary-folder.js';
import { describeWithTools, run } from '../system/tools.js';

/** It ends what hangs: a thousand tests take a minute where nothing else runs, and many where the machine is busy. */
const PROGRAM_TIMEOUT_MS = 540_000;

/**
 * The conformance program of the distribution spec in its newest mode, with everything switched on that it can ask.
 * It is in no package registry, so CI goes without (BREAKWATER_OPTIONAL_TOOLS).
 *
 * @param api  read when the suite starts.
 */
export function describeConformanceProgram(where: string, api: () => Api): void {
  describeWithTools(['conformance'], `conformance program, ${where}`, () => {
    const results = aTemporaryFolder('conformance');

    it('passes every test: no failure, no error, nothing skipped, nothing switched off', async () => {
      const project = await api().project({ sparse_content: 'true' });
      const { username, password } = await api().member(project, 'projectAdmin');
      for (const name of ['results.yaml', 'junit.xml']) rmSync(join(results, name), { force: true });
      const outcome = await run('conformance', [], {
        cwd: results,
        timeoutMs: PROGRAM_TIMEOUT_MS,
        env: {
          OCI_REGISTRY: new URL(api().url).host,
          OCI_TLS: 'disabled',
          OCI_VERSION: 'dev',
          OCI_DATA_SPARSE: 'true',
          OCI_USERNAME: username,
          OCI_PASSWORD: password,
          OCI_REPO1: `${project}/repo1`,
          OCI_REPO2: `${project}/repo2`,
          OCI_RESULTS_DIR: results,
        },
      });
      expect(failuresIn(results)).toEqual([]);
      expect(outcome.code).toBe(0);
      const { tests, ...others } = countsIn(results);
      // It ends with 0 when it could not even begin.
      expect(tests).toBeGreaterThan(900);
      expect(others).toEqual({ failures: 0, errors: 0, skipped: 0, disabled: 0 });
      console.log(`conformance program, ${where}: ${tests} of ${tests} passed`);
    });
  });
}

const COUNTS = ['tests', 'failures', 'errors', 'skipped', 'disabled'] as const;

/** A count that is 0 is left out of the report. */
function countsIn(directory: string): Record<(typeof COUNTS)[number], number> {
  const [suite = ''] = /<testsuite [^>]*>/.exec(readFileSync(join(directory, 'junit.xml'), 'utf8')) ?? [];
  const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  return Object.fromEntries(COUNTS.map((name) => [name, count(name)])) as Record<(typeof COUNTS)[number], number>;
}

/** Tests, and parts of the API and kinds of data, that did not simply pass. */
function failuresIn(directory: string): string[] {
  const cases = readFileSync(join(directory, 'junit.xml'), 'utf8').matchAll(/<testcase [^>]*>/g);
  const failed = [...cases].map(([text]) => text).filter((text) => !text.includes('status="passed"'));
  // A part that was switched off says so here alone. The configuration comes before.
  const [, summary = ''] = readFileSync(join(directory, 'results.yaml'), 'utf8').split(/^apis:$/m);
  const parts = [...summary.matchAll(/^ {2}(.+): (\w+)$/gm)];
  expect(parts.length).toBeGreaterThan(40);
  return [...failed, ...parts.filter(([, , status]) => status !== 'Pass').map(([line]) => line.trim())];
}
