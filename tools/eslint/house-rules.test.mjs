// Proves that lint fails on each broken rule of the house: every fixture must be reported by the rule it breaks.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { plugin } from './house-rules.mjs';

const BREAKS = {
  'pure-imports-io': 'io',
  'pure-imports-adapter': 'layer',
  'module-imports-module': 'layer',
  'app-imports-app': 'app',
  'deep-import': 'deep',
  'relative-escape': 'outside',
  undeclared: 'undeclared',
  'reads-env': 'env',
};

const fixtures = join(import.meta.dirname, 'fixtures');
const files = readdirSync(fixtures, { recursive: true }).filter((name) => name.endsWith('.ts'));
const eslint = new ESLint({
  cwd: fixtures,
  overrideConfigFile: true,
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser },
    plugins: { breakwater: plugin },
    rules: { 'breakwater/layers': 'error', 'breakwater/no-env': 'error' },
  },
});

test('there is a fixture for each rule', () => {
  assert.deepEqual(files.map((file) => basename(file, '.ts')).sort(), Object.keys(BREAKS).sort());
});

for (const file of files) {
  test(`lint refuses ${file}`, async () => {
    const [result] = await eslint.lintFiles([join(fixtures, file)]);
    const reported = result.messages.map((message) => message.messageId);
    assert.ok(reported.includes(BREAKS[basename(file, '.ts')]), `reported: ${reported.join(', ') || 'nothing'}`);
  });
}
