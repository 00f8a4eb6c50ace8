import { SIGNATURE_HEADER } from './signature.js';

// What the history shows of a request: who reads it must not be able to send one.

const BLANK = '[redacted]';
const SECRET_HEADERS: ReadonlySet<string> = new Set(['authorization']);

type Headers = Readonly<Record<string, string>>;

/** A signature is shown by its time only. */
export function blankedHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (name === SIGNATURE_HEADER) return [name, value.replace(SIGNATURE, `v1=${BLANK}`)];
      return [name, SECRET_HEADERS.has(name) ? BLANK : value];
    }),
  );
}

/** Without what a query says, and without a password before the host. */
export function blankedAddress(address: string): string {
  return address
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#@]*@/i, (_, scheme: string = '') => `${scheme}${BLANK}@`)
    .replace(/\?[^#]*/, (query) => query.replace(/=[^&]*/g, `=${BLANK}`))
    .slice(0, 2_048);
}

/** Some receivers answer with what they were sent. */
export function blankedAnswer(body: string, headers: Headers): string {
  const { authorization = '', [SIGNATURE_HEADER]: signature = '' } = headers;
  // `Bearer <token>`: the word before it is no secret, and what is after it is one by itself.
  const credential = authorization.slice(authorization.indexOf(' ') + 1);
  const [hex = ''] = SIGNATURE.exec(signature) ?? [];
  return [authorization, credential, hex.slice('v1='.length)]
    .filter((secret) => secret.trim() !== '')
    .reduce((text, secret) => text.replaceAll(secret, BLANK), body);
}

const SIGNATURE = /v1=.*/;
