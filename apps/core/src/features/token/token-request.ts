import { InvalidTokenRequestError } from './token.errors.js';

/** What a client asks of the token endpoint, by query string or by form. */
export interface TokenRequest {
  /** The `scope` parameters as they came: repeated, space-joined, or both. */
  readonly scopes: readonly string[];
}

/** The form of RFC 6749 that clients post, as the token spec of distribution has it. */
export type TokenGrant = TokenRequest & {
  /** Wants a refresh token, for when it asks again without a password. */
  readonly isOffline: boolean;
  /** What the client calls itself, e.g. `containerd`. */
  readonly client: string;
} & (
    | { readonly kind: 'password'; readonly username: string; readonly password: string }
    | { readonly kind: 'refresh-token'; readonly refreshToken: string }
  );

/** As the framework parses query strings and forms: several values where a name repeats. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * Reads the query string of `GET /service/token`. `account`, `client_id` and `offline_token` mean nothing, as with
 * Harbor: a refresh token in the configuration of docker would end up in pull secrets of Kubernetes, which cannot
 * use it.
 *
 * @param service  ours. A request may leave it out, and may not name another.
 * @throws InvalidTokenRequestError
 */
export function readTokenRequest(parameters: Parameters, service: string): TokenRequest {
  const asked = textOf(parameters, 'service');
  if (asked !== '' && asked !== service) throw new InvalidTokenRequestError(`unable to handle service: ${asked}`);
  return { scopes: textsOf(parameters, 'scope') };
}

/** Reads the form of `POST /service/token`. @throws InvalidTokenRequestError */
export function readTokenGrant(parameters: Parameters, service: string): TokenGrant {
  const { scopes } = readTokenRequest(parameters, service);
  const isOffline = textOf(parameters, 'access_type') === 'offline';
  const client = textOf(parameters, 'client_id');
  switch (textOf(parameters, 'grant_type')) {
    case 'password': {
      const [username, password] = [textOf(parameters, 'username'), textOf(parameters, 'password')];
      return { kind: 'password', username, password, scopes, isOffline, client };
    }
    case 'refresh_token':
      return { kind: 'refresh-token', refreshToken: textOf(parameters, 'refresh_token'), scopes, isOffline, client };
    default:
      throw new InvalidTokenRequestError('grant_type must be password or refresh_token');
  }
}

/** The last one counts where a client sends several. */
function textOf(parameters: Parameters, name: string): string {
  return textsOf(parameters, name).at(-1) ?? '';
}

function textsOf(parameters: Parameters, name: string): string[] {
  return [parameters[name]].flat().filter((value) => typeof value === 'string');
}
