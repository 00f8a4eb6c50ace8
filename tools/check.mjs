// npm run check: format, lint, types and unit tests, in under two minutes. Runs everything and reports all faults.
import { spawnSync } from 'node:child_process';

const checks = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint rules', process.execPath, ['--test', '--test-reporter', 'dot', 'tools/eslint/house-rules.test.mjs']],
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['lint', 'eslint', ['--cache', '--cache-location', '.cache/eslint', '.']],
  ['generated files', process.execPath, ['tools/generated.mjs', '--check']],
  [
    'unit tests',
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--selectProjects',
      'unit',
    ],
  ],
];

const only = process.argv.slice(2);
let failed = 0;
for (const [name, program, args] of checks) {
  if (only.length > 0 && !only.includes(name)) continue;
  const began = Date.now();
  const { status } = spawnSync(program, args, { stdio: 'inherit' });
  if (status !== 0) failed++;
  console.log(`${status === 0 ? '✔' : '✘'} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}
process.exitCode = failed === 0 ? 0 : 1;
