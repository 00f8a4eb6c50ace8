import { randomBytes } from 'node:crypto';
import type { Artifact } from '../artifacts/artifact.js';
import type { LoggedRequest, RequestLog } from './request-log.js';

/** How the registry treats those who ask for one repository. Nothing given: as a registry should. */
export interface Behaviour {
  /** The tag and the digest are not there. */
  isMissing?: boolean;
  /** Every request is refused with this status, whatever the credentials. */
  refuseWith?: 401 | 403;
  /** Layers are not answered until it resolves. */
  hold?: Promise<void>;
  /** A layer comes a byte a second and never ends. */
  isTrickling?: boolean;
  /** The connection is cut in the middle of a layer. */
  isCutting?: boolean;
  /** One byte of every layer is another one, so that it is not what its digest says. */
  isCorrupting?: boolean;
  /** Blobs are answered by 307 to the storage host. */
  isRedirecting?: boolean;
  /** So many requests for the manifest are answered by 429, with `Retry-After` in seconds. */
  tooManyRequests?: { count: number; retryAfterSeconds: number };
  /** The repository is found below this path only, e.g. `/mirror`. */
  pathPrefix?: string;
  /** Credentials of its own instead of random ones. */
  credentials?: Credentials;
}

export interface Credentials {
  username: string;
  password: string;
}

/** A repository of the fixture registry, with what was asked of it. */
export class HostedRepository {
  readonly credentials: Credentials;
  /** Tokens that open it: the one given to adapters that want `Bearer`, and all that the realm hands out. */
  readonly tokens = new Set<string>();
  tooManyLeft: number;

  constructor(
    readonly name: string,
    readonly artifact: Artifact,
    readonly behaviour: Behaviour,
    private readonly log: RequestLog,
  ) {
    this.credentials = behaviour.credentials ?? { username: `scanner$${random()}`, password: random() };
    this.tooManyLeft = behaviour.tooManyRequests?.count ?? 0;
  }

  issueToken(): string {
    const token = `fixture.${random()}.${random()}`;
    this.tokens.add(token);
    return token;
  }

  basic(): string {
    return `Basic ${Buffer.from(`${this.credentials.username}:${this.credentials.password}`).toString('base64')}`;
  }

  isOpenedBy(authorization: string | null): boolean {
    if (authorization === null) return false;
    const [scheme = '', value = ''] = authorization.split(' ', 2);
    if (scheme.toLowerCase() === 'bearer') return this.tokens.has(value);
    return scheme.toLowerCase() === 'basic' && `Basic ${value}` === this.basic();
  }

  /** What must show up nowhere but in requests to the registry. */
  secrets(): string[] {
    return [this.credentials.password, this.basic().slice('Basic '.length), ...this.tokens];
  }

  /** What was asked of it so far, the realm included. */
  requests(): LoggedRequest[] {
    return this.log.entries.filter((request) => request.repository === this.name);
  }
}

function random(): string {
  return randomBytes(12).toString('hex');
}
