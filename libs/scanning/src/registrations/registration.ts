/** How we sign in to an adapter, in Harbor's words. */
export type ScannerAuth = '' | 'Basic' | 'Bearer' | 'X-ScannerAdapter-API-Key';

export const SCANNER_AUTHS = [
  '',
  'Basic',
  'Bearer',
  'X-ScannerAdapter-API-Key',
] as const satisfies readonly ScannerAuth[];

/** A scanner that an administrator registered, or that the settings name. Its credential is never part of it. */
export interface Registration {
  readonly id: number;
  /** What the API knows it by. */
  readonly uuid: string;
  readonly name: string;
  readonly description: string;
  /** Of the adapter, without `/api/v1` and without a slash at the end. */
  readonly url: string;
  readonly auth: ScannerAuth;
  readonly skipsCertVerify: boolean;
  /** The adapter pulls from the address inside of the installation instead of the public one. */
  readonly usesInternalAddress: boolean;
  readonly isDisabled: boolean;
  readonly isDefault: boolean;
  /** Made by the settings, not by a request. */
  readonly isImmutable: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** How to reach an adapter: what the client of libs/scanner-client is made from. Never logged, never stored. */
export interface ScannerEndpoint {
  readonly url: string;
  readonly auth: ScannerAuth;
  /** `user:password`, a token or a key, as `auth` says; null for none. */
  readonly credential: string | null;
  readonly skipsCertVerify: boolean;
}

/** For `buildFilter` and `buildOrder`. */
export const registrationFields = {
  uuid: { column: 'registration.uuid::text', type: 'text' },
  name: { column: 'registration.name', type: 'text' },
  description: { column: 'registration.description', type: 'text' },
  url: { column: 'registration.url', type: 'text' },
  is_default: { column: 'registration.is_default', type: 'boolean' },
  disabled: { column: 'registration.is_disabled', type: 'boolean' },
  create_time: { column: 'registration.created_at', type: 'time' },
  update_time: { column: 'registration.updated_at', type: 'time' },
} as const;
