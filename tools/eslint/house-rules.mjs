// The import rules of the house (docs/architecture.md, "Rules of the house"), as ESLint rules:
//   breakwater/layers       pure <- contract <- adapter <- module <- app; modules and apps do not know each other
//   breakwater/no-env       process.env is read by configuration classes only
// tools/eslint/house-rules.test.mjs proves each one with a fixture that must fail.
import { layers } from './layers.mjs';
import { noEnv } from './no-env.mjs';

export const plugin = { rules: { layers, 'no-env': noEnv } };

export const houseRules = [
  {
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts', 'deploy/local/src/**/*.ts'],
    plugins: { breakwater: plugin },
    rules: { 'breakwater/layers': 'error', 'breakwater/no-env': 'error' },
  },
];
