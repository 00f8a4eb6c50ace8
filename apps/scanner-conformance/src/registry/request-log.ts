/** The places that the fixture registry listens on; each is another host for an adapter. */
export const SITES = ['anonymous', 'basic', 'token', 'token-elsewhere', 'token-relative', 'tls', 'storage'] as const;
export type Site = (typeof SITES)[number];

/** One request that an adapter made of the fixture registry. */
export interface LoggedRequest {
  at: number;
  site: Site;
  method: string;
  path: string;
  kind: 'ping' | 'manifest' | 'blob' | 'token' | 'stored-blob' | 'other';
  repository: string | null;
  /** Tag or digest. */
  reference: string | null;
  /** Never printed. */
  authorization: string | null;
  status: number;
}

/** Everything that was asked of the fixture registry, in the order in which it was answered. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];

  add(request: LoggedRequest): void {
    this.entries.push(request);
  }
}

/** e.g. `GET /v2/a/b/manifests/sha256:… (basic) 200`. */
export function describeRequest({ method, path, site, authorization, status }: LoggedRequest): string {
  const scheme = authorization === null ? 'no Authorization' : `Authorization: ${authorization.split(' ', 1)[0]} …`;
  return `${method} ${path} at ${site}, ${scheme} → ${status}`;
}
