import { parseBasic, parseBearer } from '@breakwater/http';

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
 */
export function parseCredentials(header: string | undefined): Credentials {
  if (header === undefined || header === '') return NONE;
  const token = parseBearer(header);
  if (token !== null) return { kind: 'bearer', token };
  const basic = parseBasic(header);
  if (basic === null) return MALFORMED;
  return basic.username === '' && basic.password === '' ? NONE : { kind: 'basic', ...basic };
}
