import { errors, jwtVerify, type JWTVerifyResult } from 'jose';
import { LRUCache } from 'lru-cache';
import { hash } from 'node:crypto';
import { InvalidTokenError, type InvalidTokenReason } from '../accounts.errors.js';
import { SIGNING_ALGORITHM } from '../keys/signing-key.js';
import type { PublicKeySource } from '../keys/signing-keys.js';
import type { Clock } from '../ports.js';
import { parseRegistryClaims, REGISTRY_TOKEN_TYPE, type RegistryClaims } from './registry-claims.js';
import { DEFAULT_TOKENS, type TokenOptions } from './token-issuer.js';

/** What a token proves by itself. What its account is now is another question. */
export interface VerifiedToken extends RegistryClaims {
  readonly kid: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** How far the clocks of our own processes may be apart. */
export const CLOCK_LEEWAY_SECONDS = 60;

/**
 * Checks registry tokens: pinned keys by `kid`, one algorithm, our issuer, audience and type, times with 60 s of leeway.
 * Nothing in a token's header is taken as a key.
 *
 * A signature costs about 0.2 ms, so it is checked once per token: what was found is kept under the SHA-256 of the
 * token's text until it ends. Time and key are asked at every use.
 */
export class TokenVerifier {
  private readonly verified = new LRUCache<string, VerifiedToken>({ max: MAX_REMEMBERED });

  constructor(
    private readonly keys: PublicKeySource,
    private readonly clock: Clock,
    private readonly options: TokenOptions = DEFAULT_TOKENS,
  ) {}

  /** @throws InvalidTokenError, and DatabaseUnavailableError when the keys cannot be read. */
  async verify(text: string): Promise<VerifiedToken> {
    if (text.length > MAX_TOKEN_LENGTH) throw new InvalidTokenError('malformed');
    const key = hash('sha256', text, 'base64url');
    const known = this.verified.get(key);
    if (!known) {
      const token = await this.check(text);
      this.verified.set(key, token);
      return token;
    }
    this.checkTime(known);
    if (!(await this.keys.find(known.kid))) throw new InvalidTokenError('unknown-key');
    return known;
  }

  private checkTime(token: VerifiedToken): void {
    if (token.expiresAt.getTime() + CLOCK_LEEWAY_SECONDS * 1000 <= this.clock.now().getTime()) {
      throw new InvalidTokenError('expired');
    }
  }

  private async check(text: string): Promise<VerifiedToken> {
    const { payload, protectedHeader } = await this.checkSignature(text);
    const claims = parseRegistryClaims(payload);
    if (!claims || payload.iat === undefined || payload.exp === undefined) throw new InvalidTokenError('malformed');
    return {
      ...claims,
      kid: protectedHeader.kid ?? '',
      issuedAt: new Date(payload.iat * 1000),
      expiresAt: new Date(payload.exp * 1000),
    };
  }

  private async checkSignature(text: string): Promise<JWTVerifyResult> {
    try {
      return await jwtVerify(
        text,
        async ({ kid }) => {
          const key = kid === undefined ? null : await this.keys.find(kid);
          if (!key) throw new InvalidTokenError('unknown-key');
          return key;
        },
        {
          algorithms: [SIGNING_ALGORITHM],
          typ: REGISTRY_TOKEN_TYPE,
          issuer: this.options.issuer,
          audience: this.options.audience,
          requiredClaims: ['sub', 'exp', 'nbf', 'iat', 'jti'],
          clockTolerance: CLOCK_LEEWAY_SECONDS,
          currentDate: this.clock.now(),
        },
      );
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new InvalidTokenError(reasonOf(error), { cause: error });
      throw error;
    }
  }
}

/** Ours are shorter than 8 KiB; nobody makes us hash more. */
const MAX_TOKEN_LENGTH = 16 * 1024;

/** About a kilobyte each. */
const MAX_REMEMBERED = 10_000;

function reasonOf(error: errors.JOSEError): InvalidTokenReason {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad-signature';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'wrong-audience';
    if (error.claim === 'nbf' && error.reason === 'check_failed') return 'not-yet-valid';
  }
  return 'malformed';
}
