import { AppError } from '@breakwater/errors';
import { excerpt, quoted } from '../excerpt.js';

/** The target of the request cannot be taken apart in one way only, so it is not taken apart at all. */
export class InvalidTargetError extends AppError {
  readonly code = 'TARGET_INVALID';
  readonly kind = 'invalid';
  constructor(problem: string, target: string) {
    super(`request target ${quoted(target)} ${problem}`, { target: excerpt(target) });
  }
}

const SLASH = 0x2f;
const PERCENT = 0x25;

/**
 * The origin-form of an absolute-form target: `/v2/` of `http://host/v2/`. Proxies are allowed to send the latter; the
 * host in it is not looked at.
 *
 * @throws InvalidTargetError  neither form.
 */
export function withoutAuthority(target: string): string {
  const scheme = /^https?:\/\//i.exec(target);
  if (!scheme) throw new InvalidTargetError('is not a path', target);
  let end = scheme[0].length;
  while (end < target.length && isPlain(target.charCodeAt(end))) end += 1;
  if (end === scheme[0].length || target.charCodeAt(end) !== SLASH) {
    throw new InvalidTargetError('has no path after its host', target);
  }
  return target.slice(end);
}

/**
 * Whether a path segment means what it says: no encoding, no dot segment, nothing that a proxy or a file system could
 * read otherwise. False for an empty one. One character class, because it runs over the digest of every request.
 */
export function isPlainSegment(segment: string): boolean {
  return PLAIN_SEGMENT.test(segment) && segment !== '.' && segment !== '..';
}

/** Visible ASCII, but for what has a meaning of its own in a target: `#`, `%`, `/`, `?` and the backslash. */
const PLAIN_SEGMENT = /^[!-"$&-.0->@-[\]-~]+$/;

/**
 * Refuses a path that two readers could understand differently, which is how one that authorises comes to see another
 * repository than one that serves. The one encoding allowed is `%3A`, which clients use for the colon of a digest.
 *
 * @throws InvalidTargetError  any other `%`, an empty, `.` or `..` segment, a backslash, a control character, a space, a
 *   fragment, or what is not ASCII.
 */
export function requireWellFormedPath(path: string): void {
  let segment = 1;
  for (let index = 0; index < path.length; index += 1) {
    const character = path.charCodeAt(index);
    if (character === SLASH) {
      if (index > 0 && index === segment) throw new InvalidTargetError('has an empty segment', path);
      if (isDots(path, segment, index)) throw new InvalidTargetError('has a dot segment', path);
      segment = index + 1;
    } else if (character === PERCENT) {
      if (!isEncodedColon(path, index)) throw new InvalidTargetError('has an encoding that is not needed', path);
    } else if (!isPlain(character)) {
      throw new InvalidTargetError('has a character that does not belong in a path', path);
    }
  }
  if (isDots(path, segment, path.length)) throw new InvalidTargetError('has a dot segment', path);
}

export function decodeColons(segment: string): string {
  return segment.replace(/%3a/gi, ':');
}

/** The class of PLAIN_SEGMENT, for one character. */
function isPlain(character: number): boolean {
  return character > 0x20 && character < 0x7f && !RESERVED.has(character);
}

const RESERVED: ReadonlySet<number> = new Set([0x23, PERCENT, SLASH, 0x3f, 0x5c]);

function isDots(path: string, start: number, end: number): boolean {
  const length = end - start;
  if (length < 1 || length > 2 || path.charCodeAt(start) !== 0x2e) return false;
  return length === 1 || path.charCodeAt(start + 1) === 0x2e;
}

function isEncodedColon(path: string, index: number): boolean {
  return path.startsWith('3A', index + 1) || path.startsWith('3a', index + 1);
}
