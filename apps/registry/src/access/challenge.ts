import { formatScopes, type TokenAccess } from '@breakwater/rbac';

/** Also the `aud` of tokens. Clients made for Harbor expect exactly this. */
export const TOKEN_SERVICE = 'harbor-registry';
/** Where tokens come from, below the public origin. */
export const TOKEN_PATH = '/service/token';

export interface Challenge {
  /** Public origin, e.g. `https://registry.example.com`. */
  readonly origin: string;
  /** What a token would have to allow; empty outside repositories. */
  readonly scopes: readonly TokenAccess[];
  readonly error?: 'invalid_token' | 'insufficient_scope' | undefined;
}

/**
 * The value of `WWW-Authenticate`: one Bearer challenge, every parameter quoted, no query in the realm.
 * Some clients read only the first header and only at its start; some append `?service=…` to the realm as text.
 *
 * @see distribution, "Token Authentication Specification"; RFC 6750, section 3
 */
export function formatChallenge({ origin, scopes, error }: Challenge): string {
  const scope = scopes.length === 0 ? '' : `,scope="${formatScopes(scopes)}"`;
  const reason = error === undefined ? '' : `,error="${error}"`;
  return `Bearer realm="${origin}${TOKEN_PATH}",service="${TOKEN_SERVICE}"${scope}${reason}`;
}
