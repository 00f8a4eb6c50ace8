import { InvalidScannerError } from './registration.errors.js';
import { SCANNER_AUTHS, type ScannerAuth, type ScannerEndpoint } from './registration.js';

/** A registration as a request has it. Left out and null mean the same: empty, or no. */
export interface GivenRegistration extends GivenEndpoint {
  readonly description?: string | null | undefined;
  readonly usesInternalAddress?: boolean | null | undefined;
  readonly isDisabled?: boolean | null | undefined;
}

/** The part of it that says how to reach the adapter. */
export interface GivenEndpoint {
  readonly name: string;
  readonly url: string;
  readonly auth?: string | null | undefined;
  /** Empty on an update: the stored one stays. */
  readonly credential?: string | null | undefined;
  readonly skipsCertVerify?: boolean | null | undefined;
}

/** Named by the settings alone, as in Harbor. */
export const BUILT_IN_NAME = 'Trivy';

const MAX_SCANNER_NAME_LENGTH = 128;
const MAX_DESCRIPTION_LENGTH = 1024;
const MAX_URL_LENGTH = 512;
const MAX_CREDENTIAL_LENGTH = 4096;

/** @throws InvalidScannerError */
export function parseScannerName(text: string): string {
  const name = text.trim();
  if (name === '') throw new InvalidScannerError('name', 'it must not be empty');
  if (name.length > MAX_SCANNER_NAME_LENGTH || /\p{Cc}/u.test(name))
    throw new InvalidScannerError('name', `expected at most ${MAX_SCANNER_NAME_LENGTH} characters and no control ones`);
  if (name === BUILT_IN_NAME)
    throw new InvalidScannerError('name', `${BUILT_IN_NAME} is kept for the scanner of the settings`);
  return name;
}

/** @throws InvalidScannerError */
export function parseScannerDescription(text: string): string {
  if (text.length > MAX_DESCRIPTION_LENGTH)
    throw new InvalidScannerError('description', `at most ${MAX_DESCRIPTION_LENGTH} characters`);
  return text;
}

/**
 * The adapter's base address in the one form in which it is stored and compared: `http` or `https`, no credentials,
 * query or fragment, no slash at the end, and without the `/api/v1` that we append.
 *
 * @throws InvalidScannerError
 */
export function parseScannerUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null || text.length > MAX_URL_LENGTH || !['http:', 'https:'].includes(url.protocol))
    throw new InvalidScannerError('url', 'expected an address such as https://scanner.example.com:8443');
  // A password in an address would be shown by every list.
  if (url.username !== '' || url.password !== '')
    throw new InvalidScannerError('url', 'credentials belong into access_credential');
  if (url.search !== '' || url.hash !== '') throw new InvalidScannerError('url', 'it has no query and no fragment');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
}

/**
 * How we sign in.
 *
 * @param stored  what an update keeps where no new credential is given; null for none.
 * @throws InvalidScannerError  an unknown kind, a credential that is missing, or not of the form of its kind.
 */
export function parseScannerAuth(
  given: Pick<GivenEndpoint, 'auth' | 'credential'>,
  stored: Pick<ScannerEndpoint, 'auth' | 'credential'> | null = null,
): Pick<ScannerEndpoint, 'auth' | 'credential'> {
  const auth = authOf(given.auth ?? '');
  if (auth === '') return { auth, credential: null };
  const kept = stored?.auth === auth ? stored.credential : null;
  const credential = given.credential ? given.credential : kept;
  if (credential === null) throw new InvalidScannerError('access_credential', `it is needed for auth ${auth}`);
  checkCredential(auth, credential);
  return { auth, credential };
}

/** Harbor's pages send the short word for the header's name. */
function authOf(text: string): ScannerAuth {
  const auth = text === 'APIKey' ? 'X-ScannerAdapter-API-Key' : text;
  const known = SCANNER_AUTHS.find((each) => each === auth);
  if (known === undefined)
    throw new InvalidScannerError('auth', 'expected "Basic", "Bearer", "X-ScannerAdapter-API-Key" or nothing');
  return known;
}

/** It becomes a header: a line break in it would be another header. */
function checkCredential(auth: ScannerAuth, credential: string): void {
  const form = auth === 'Basic' ? /^[^:\p{Cc}]+:[^\p{Cc}]*$/u : /^[\x21-\x7e]+$/;
  if (credential.length <= MAX_CREDENTIAL_LENGTH && form.test(credential)) return;
  const expected = auth === 'Basic' ? 'user:password' : 'printable ASCII characters without blanks';
  throw new InvalidScannerError('access_credential', `for auth ${auth} expected ${expected}`);
}
