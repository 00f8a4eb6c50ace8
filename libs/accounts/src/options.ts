import { DEFAULT_HASHING, type PasswordHasherOptions } from './passwords/password-hasher.js';
import { DEFAULT_THROTTLE, type AttemptThrottleOptions } from './passwords/attempt-throttle.js';
import { DEFAULT_REFRESH_TOKENS, type RefreshTokenOptions } from './tokens/refresh-tokens.js';
import { DEFAULT_TOKENS, type TokenOptions } from './tokens/token-issuer.js';

export interface AccountsOptions {
  readonly tokens: TokenOptions;
  readonly refreshTokens: RefreshTokenOptions;
  readonly hashing: PasswordHasherOptions;
  readonly throttle: AttemptThrottleOptions;
  /** How long a change of an account or of a membership can go unseen where its notice is lost. */
  readonly staleMs: number;
  /** How long a pair of name and password is believed without hashing it again. */
  readonly credentialsMs: number;
  /** Age at which a signing key is replaced. */
  readonly rotateKeysAfterSeconds: number;
}

export const DEFAULT_OPTIONS: AccountsOptions = {
  tokens: DEFAULT_TOKENS,
  refreshTokens: DEFAULT_REFRESH_TOKENS,
  hashing: DEFAULT_HASHING,
  throttle: DEFAULT_THROTTLE,
  staleMs: 2_000,
  credentialsMs: 60_000,
  rotateKeysAfterSeconds: 90 * 24 * 3600,
};
