import { RepositoryName } from '@breakwater/oci';
import type { TokenAccess } from '@breakwater/rbac';
import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import type { SigningKeys } from '../keys/signing-keys.js';
import { SIGNING_ALGORITHM } from '../keys/signing-key.js';
import type { Clock } from '../ports.js';
import { REGISTRY_TOKEN_TYPE, withoutPrototype, type RegistryClaims } from './registry-claims.js';
import type { IssuedToken, TokenHolder } from './token-identity.js';

export interface TokenOptions {
  /** `iss`. No client checks it. */
  readonly issuer: string;
  /** `aud`, and the `service` of the challenge: clients made for Harbor expect `harbor-registry`. */
  readonly audience: string;
  /** Life of a token; never less than 60, which is what clients take as the least. */
  readonly ttlSeconds: number;
}

export const DEFAULT_TOKENS: TokenOptions = {
  issuer: 'breakwater-token-issuer',
  audience: 'harbor-registry',
  ttlSeconds: 1800,
};

export const MIN_TOKEN_TTL_SECONDS = 60;

/**
 * The longest claims, in bytes: with them the token fits into one header line of 8 KiB, which is what proxies such as
 * nginx take unless they are told otherwise. About forty repositories with names of usual length.
 */
export const MAX_CLAIMS_BYTES = 5_500;

/** Makes the tokens that clients bring to /v2. */
export class TokenIssuer {
  constructor(
    private readonly keys: Pick<SigningKeys, 'current'>,
    private readonly clock: Clock,
    private readonly options: TokenOptions = DEFAULT_TOKENS,
  ) {}

  /**
   * @param access  granted = asked ∩ allowed, decided by the caller (libs/rbac, `grant`). May be empty.
   * @param projects  incarnation by project name. An entry of `access` whose project is missing here is left out,
   *   because nothing would end it when the project goes.
   * @returns the token, and as much of `access` as it carries: what does not fit any more is left out, and the client
   *   asks for it when it needs it.
   */
  async issue(
    actor: TokenHolder,
    access: readonly TokenAccess[],
    projects: Readonly<Record<string, string>>,
  ): Promise<IssuedToken> {
    const claims = this.claimsOf(actor, access, projects);
    const { kid, privateKey } = await this.keys.current();
    const issuedAtSeconds = Math.floor(this.clock.now().getTime() / 1000);
    const expiresInSeconds = Math.max(MIN_TOKEN_TTL_SECONDS, this.options.ttlSeconds);
    const token = await new SignJWT({ ...claims, account: claims.account ?? undefined, scan: claims.scan ?? undefined })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: REGISTRY_TOKEN_TYPE, kid })
      .setIssuer(this.options.issuer)
      .setSubject(actor.kind === 'anonymous' ? '' : actor.name)
      .setAudience(this.options.audience)
      .setIssuedAt(issuedAtSeconds)
      .setNotBefore(issuedAtSeconds)
      .setExpirationTime(issuedAtSeconds + expiresInSeconds)
      .setJti(randomBytes(16).toString('base64url'))
      .sign(privateKey);
    return { token, expiresInSeconds, issuedAt: new Date(issuedAtSeconds * 1000), access: claims.access };
  }

  private claimsOf(
    actor: TokenHolder,
    access: readonly TokenAccess[],
    projects: Readonly<Record<string, string>>,
  ): RegistryClaims {
    const account = actor.kind === 'user' ? { id: actor.accountId, incarnation: actor.incarnation } : null;
    const scan = actor.kind === 'scanner' ? actor.credentialId : null;
    const carried: TokenAccess[] = [];
    const bound = new Map<string, string>();
    let roomBytes = MAX_CLAIMS_BYTES;
    for (const entry of access) {
      const binding = entry.type === 'repository' ? bindingOf(entry.name, projects) : [];
      if (binding === null) continue;
      roomBytes -=
        jsonBytes(entry) + binding.filter(([name]) => !bound.has(name)).reduce((sum, each) => sum + jsonBytes(each), 0);
      if (roomBytes < 0) break;
      carried.push(entry);
      for (const [name, incarnation] of binding) bound.set(name, incarnation);
    }
    return { account, scan, access: carried, projects: withoutPrototype([...bound]) };
  }
}

/** Name and incarnation of the repository's project; null when it has none. */
function bindingOf(
  repository: RepositoryName,
  projects: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] | null {
  const name = RepositoryName.projectOf(repository);
  const incarnation = Object.hasOwn(projects, name) ? projects[name] : undefined;
  return incarnation === undefined ? null : [[name, incarnation]];
}

function jsonBytes(value: object): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1; // and its comma
}
