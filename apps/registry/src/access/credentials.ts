/** What a request brings to prove who asks. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  /** A scheme or a form that we do not know: as good as wrong credentials, never as none. */
  | { readonly kind: 'malformed' };

const NONE: Credentials = { kind: 'none' };
const MALFORMED: Credentials = { kind: 'malformed' };

/**
 * Reads an `Authorization` header.
 *
 * An empty user with an empty password is none: some clients send `Basic Og==` when they were given nothing.
 * @see RFC 7617, RFC 6750
 */
export function parseCredentials(header: string | undefined): Credentials {
  if (header === undefined || header === '') return NONE;
  const space = header.indexOf(' ');
  if (space < 0) return MALFORMED;
  const value = header.slice(space + 1).trim();
  switch (header.slice(0, space).toLowerCase()) {
    case 'bearer':
      return value === '' ? MALFORMED : { kind: 'bearer', token: value };
    case 'basic':
      return parseBasic(value);
    default:
      return MALFORMED;
  }
}

function parseBasic(value: string): Credentials {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return MALFORMED;
  const username = text.slice(0, colon);
  const password = text.slice(colon + 1);
  return username === '' && password === '' ? NONE : { kind: 'basic', username, password };
}
