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
  // Restarts of servers take seconds, and more where all suites share two cores. Not an option of a single project.
  testTimeout: 30_000,
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
