export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Reads `Authorization: Basic …`: base64 of `<username>:<password>` in UTF-8; the password may hold colons.
 *
 * @returns null for any other scheme, for text that is not base64 or not UTF-8, and without a colon: not an error
 *   here, because another scheme may be meant.
 * @see RFC 7617.
 */
export function parseBasic(header: string | undefined): BasicCredentials | null {
  const encoded = credentialsOf(header, 'basic');
  if (encoded === null || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return null;
  const text = decodeUtf8(Buffer.from(encoded, 'base64'));
  const colon = text?.indexOf(':') ?? -1;
  if (text === null || colon < 0) return null;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Reads `Authorization: Bearer <token>`. @see RFC 6750, "Authorization Request Header Field". */
export function parseBearer(header: string | undefined): string | null {
  const token = credentialsOf(header, 'bearer');
  return token !== null && /^[A-Za-z0-9\-._~+/]+=*$/.test(token) ? token : null;
}

/** Schemes are case-insensitive, and followed by one space or more. */
function credentialsOf(header: string | undefined, scheme: string): string | null {
  if (header === undefined) return null;
  const space = header.indexOf(' ');
  if (space < 0 || header.slice(0, space).toLowerCase() !== scheme) return null;
  return header.slice(space + 1).trim();
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
