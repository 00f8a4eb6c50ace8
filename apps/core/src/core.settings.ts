/** What the process is told and its services need to know. */
export interface CoreSettings {
  /** Where people and clients reach this installation; null: taken from each request. */
  readonly publicUrl: string | null;
  readonly tokenTtlSeconds: number;
  /** The certificate authority that `systeminfo/getcert` offers, as PEM; null for none. */
  readonly caFile: string | null;
  /** As people see it, e.g. `0.1.0`. */
  readonly version: string;
}

/** For `@Inject`: what is no class. */
export const CORE_SETTINGS = Symbol('settings of core');
export const BLOB_STORE = Symbol('blob store');
