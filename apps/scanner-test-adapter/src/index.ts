export type { AdapterAuth, Flavour, SpecVersion, TestAdapterOptions } from './adapter-options.js';
export { FAULT_KINDS, type Fault, type FaultKind, type Faults, type ScanFault } from './faults.js';
export { FINDINGS_FILE, FINDINGS_LABEL } from './pulling/declared-findings.js';
export { startTestAdapter, type TestAdapter } from './start-test-adapter.js';
export { startFixtureRegistry, type FixtureArtifact, type FixtureRegistry } from './testing/fixture-registry.js';
