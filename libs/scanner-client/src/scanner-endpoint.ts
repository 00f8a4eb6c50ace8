/** How to reach an adapter and sign in to it; a registration with its secret opened. Never logged. */
export interface ScannerEndpoint {
  /** Without `/api/v1`. */
  readonly url: string;
  readonly auth: '' | 'Basic' | 'Bearer' | 'X-ScannerAdapter-API-Key';
  /** `user:password`, a token or a key, as `auth` says; null for none. */
  readonly credential: string | null;
  /** Takes any certificate. Authorities of one's own are a setting of the way out: BREAKWATER_OUTBOUND_CA. */
  readonly skipsCertVerify: boolean;
}

export function authHeaders({ auth, credential }: ScannerEndpoint): Readonly<Record<string, string>> {
  if (credential === null || auth === '') return {};
  if (auth === 'Basic') return { authorization: `Basic ${Buffer.from(credential, 'utf8').toString('base64')}` };
  return auth === 'Bearer' ? { authorization: `Bearer ${credential}` } : { [auth.toLowerCase()]: credential };
}

/** @param path  below `/api/v1`, e.g. `/metadata`. */
export function endpointUrl({ url }: ScannerEndpoint, path: string): string {
  // Some people register the whole base path.
  return `${url.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1${path}`;
}
