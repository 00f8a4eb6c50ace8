import type { Faults } from './faults.js';

export type SpecVersion = '1.0' | '1.1' | '1.2';

/** `trivy` answers as the upstream adapter of Trivy does, where that differs from the specification. */
export type Flavour = 'plain' | 'trivy';

/** How callers have to sign in, in Harbor's words; null: not at all. */
export interface AdapterAuth {
  readonly kind: 'Basic' | 'Bearer' | 'X-ScannerAdapter-API-Key';
  /** `user:password`, a token or a key. */
  readonly credential: string;
}

export interface TestAdapterOptions {
  /** 0 takes any free one. */
  readonly port?: number;
  readonly host?: string;
  readonly version?: SpecVersion;
  readonly flavour?: Flavour;
  readonly auth?: AdapterAuth | null;
  /** Scans at a time; further ones are queued. */
  readonly concurrency?: number;
  /** What `Refresh-After` asks for; `plain` only. */
  readonly refreshAfterSeconds?: number;
  /** Findings that an artifact has which declares none; they follow from its digest. */
  readonly derivedFindings?: number;
  /** How it wants to sign in at the registry. */
  readonly registryAuthorization?: 'Basic' | 'Bearer';
  /** How it is called in metadata and reports. */
  readonly name?: string;
  readonly faults?: Faults;
  readonly log?: (line: string) => void;
}

export type AdapterSettings = Required<TestAdapterOptions>;

export function withDefaults(options: TestAdapterOptions): AdapterSettings {
  return {
    port: 0,
    host: '127.0.0.1',
    version: '1.2',
    flavour: 'plain',
    auth: null,
    concurrency: 4,
    refreshAfterSeconds: 1,
    derivedFindings: 0,
    registryAuthorization: 'Basic',
    name: 'Test scanner',
    faults: {},
    log: () => undefined,
    ...options,
  };
}
