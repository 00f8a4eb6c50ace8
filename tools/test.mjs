// npm test: unit, integration and end-to-end tests, one after the other, with one total at the end.
// What the machine lacks is skipped by name. With BREAKWATER_REQUIRE_ALL=1 (CI) a skip is a failure, but for
//   - suites whose only missing programs are in BREAKWATER_OPTIONAL_TOOLS: "… (not on this machine: <program>, …)"
//   - tests that need another user than this one: "… (needs root)", "… (needs an ordinary user)"
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const results = join(root, 'results');
const isStrict = process.env.BREAKWATER_REQUIRE_ALL === '1';
const optionalTools = new Set((process.env.BREAKWATER_OPTIONAL_TOOLS ?? '').split(',').filter(Boolean));
const [only] = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };

mkdirSync(results, { recursive: true });
for (const kind of only ? [only] : ['unit', 'integration', 'e2e']) add(kind, runJest(kind));
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function runJest(kind) {
  const report = join(results, `jest-${kind}.json`);
  rmSync(report, { force: true });
  const began = Date.now();
  console.log(`\n━━ ${kind} tests`);
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    ...['--selectProjects', kind, '--json', '--outputFile', report, '--passWithNoTests'],
    // The end-to-end suites share one installation and the machine's two cores with it.
    ...(kind === 'e2e' ? ['--runInBand'] : []),
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return { status, report, seconds: (Date.now() - began) / 1000 };
}

function add(kind, { status, report, seconds }) {
  const outcome = readReport(report);
  const skipped = outcome.testResults.flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status === 'pending' || test.status === 'todo')
      .map((test) => test.fullName),
  );
  for (const name of skipped) console.log(`skipped: ${name}`);
  // A file that could not even be loaded holds no test; it is a failure all the same.
  const inexcusable = isStrict ? skipped.filter((name) => !isExcused(name)) : [];
  for (const name of inexcusable) console.log(`should have run: ${name}`);
  const failed = outcome.numFailedTests + outcome.numRuntimeErrorTestSuites + inexcusable.length;
  total.passed += outcome.numPassedTests;
  total.failed += failed === 0 && status !== 0 ? 1 : failed;
  total.skipped += skipped.length - inexcusable.length;
  console.log(
    `${kind}: ${outcome.numPassedTests} passed, ${failed} failed, ${skipped.length} skipped (${seconds.toFixed(0)} s)`,
  );
}

function isExcused(name) {
  if (/\(needs (?:root|an ordinary user)\)/.test(name)) return true;
  const missing = /\(not on this machine: ([^)]+)\)/.exec(name)?.[1]?.split(', ');
  return missing !== undefined && missing.every((tool) => optionalTools.has(tool));
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numRuntimeErrorTestSuites: 0, testResults: [] };
  }
}
