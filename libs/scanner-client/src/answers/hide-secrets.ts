/**
 * What an adapter said, without what we told it in confidence: some repeat the request in their errors.
 *
 * @param secrets  credentials and whole `Authorization` values.
 */
export function hideSecrets(text: string | null, secrets: readonly (string | null | undefined)[]): string | null {
  if (text === null) return null;
  const known = new Set(secrets.flatMap((secret) => (secret ? formsOf(secret) : [])));
  // The longest first, or a part of it would be replaced and the rest stay.
  return [...known]
    .filter((form) => form.length >= SHORTEST)
    .sort((a, b) => b.length - a.length)
    .reduce((shown, form) => shown.replaceAll(form, '***'), text);
}

/** Shorter ones would blank out ordinary words. */
const SHORTEST = 4;

/** A credential in all the ways in which it may come back: whole, its password, encoded, decoded. */
function formsOf(secret: string): string[] {
  const bare = secret.replace(/^(?:Basic|Bearer) /, '');
  const decoded = secret.startsWith('Basic ') ? Buffer.from(bare, 'base64').toString('utf8') : bare;
  const password = decoded.includes(':') ? decoded.slice(decoded.indexOf(':') + 1) : decoded;
  return [secret, bare, decoded, password, Buffer.from(decoded).toString('base64')];
}
