// Three kinds of test, told apart by their file name (docs/architecture.md, "Tests"):
//   x.spec.ts      unit: no I/O              x.int-spec.ts  integration: real PostgreSQL, NATS, S3
//   x.e2e-spec.ts  the started system under real clients (apps/system-e2e)
const common = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@breakwater/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  moduleNameMapper: {
    '^fast-check$': '<rootDir>/libs/testing/src/jest/fast-check.mjs',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['/dist/', '/.data/', '/.tools/', '/.cache/'],
  setupFiles: ['reflect-metadata'],
};

export default {
  // Ends what hangs; it is not a measure of speed. Restarts of servers and uploads of many parts take seconds, and
  // many times as long where all suites share two busy cores. Not an option of a single project.
  testTimeout: 600_000,
  projects: [
    { ...common, displayName: 'unit', testMatch: ['**/src/**/*.spec.ts'] },
    {
      ...common,
      displayName: 'integration',
      testMatch: ['**/src/**/*.int-spec.ts'],
      globalSetup: '<rootDir>/libs/testing/src/jest/global-setup.mjs',
      globalTeardown: '<rootDir>/libs/testing/src/jest/global-teardown.mjs',
    },
    {
      ...common,
      displayName: 'e2e',
      testMatch: ['**/src/**/*.e2e-spec.ts'],
      globalSetup: '<rootDir>/apps/system-e2e/src/system/global-setup.mjs',
      globalTeardown: '<rootDir>/apps/system-e2e/src/system/global-teardown.mjs',
    },
  ],
};
