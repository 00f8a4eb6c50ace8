import { quoted } from '../excerpt.js';
import { InvalidManifestError } from './manifest-errors.js';
import { isJsonObject, type JsonObject } from './manifest-json.js';

/** Longest `type/subtype` of RFC 6838 is 127 + 1 + 127. */
const MAX_MEDIA_TYPE_LENGTH = 255;

// In all of these `null` counts as absent, because that is how Go writes an empty slice, map or pointer.

/**
 * Text that a header, a database and every client can hold: no NUL and no half of a surrogate pair, which JSON can
 * spell and PostgreSQL cannot store.
 */
export function readText(value: unknown, at: string): string {
  if (typeof value !== 'string') throw new InvalidManifestError(at, 'is not a string');
  if (value.includes('\0') || !value.isWellFormed()) throw new InvalidManifestError(at, 'is not valid Unicode text');
  return value;
}

/** Required. The registry has no list of allowed types, and does not insist on a slash either: ORAS users write `test`. */
export function readMediaType(value: unknown, at: string): string {
  const mediaType = findMediaType(value, at);
  if (mediaType === null) throw new InvalidManifestError(at, 'is missing');
  return mediaType;
}

/** An empty string is what clients send that have nothing to say. */
export function findMediaType(value: unknown, at: string): string | null {
  if (value === null || value === undefined || value === '') return null;
  const text = readText(value, at);
  if (text.length > MAX_MEDIA_TYPE_LENGTH || !PRINTABLE.test(text)) {
    throw new InvalidManifestError(at, `${quoted(text)} is not a media type`);
  }
  return text;
}

const PRINTABLE = /^[!-~]+(?: +[!-~]+)*$/;

export function findTexts(value: unknown, at: string): readonly string[] | null {
  if (value === null || value === undefined) return null;
  if (!Array.isArray(value)) throw new InvalidManifestError(at, 'is not an array');
  return value.map((item: unknown, index) => readText(item, `${at}[${index}]`));
}

/** The object of the document itself, not a copy: a key like `__proto__` stays a plain key that way. */
export function findAnnotations(value: unknown, at: string): Readonly<Record<string, string>> | null {
  if (value === null || value === undefined) return null;
  if (!isJsonObject(value)) throw new InvalidManifestError(at, 'is not an object');
  for (const key of Object.keys(value)) {
    const where = `${at}[${quoted(key)}]`;
    readText(key, where);
    readText(value[key], where);
  }
  return value as Record<string, string>;
}

/** The keys of an object that we give a meaning to. */
export class KnownKeys {
  private readonly byFold: ReadonlyMap<string, string>;
  private readonly exact: ReadonlySet<string>;

  constructor(...keys: readonly string[]) {
    this.exact = new Set(keys);
    this.byFold = new Map(keys.map((key) => [fold(key), key]));
  }

  /**
   * Go reads JSON keys without regard to case, the last one winning; we read them exactly. A document with both
   * `config` and `Config` would be one manifest to us, who keep its blobs, and another to the client that pulls it.
   */
  refuseLookalikes(object: JsonObject, at: string): void {
    for (const key of Object.keys(object)) {
      if (this.exact.has(key)) continue;
      const meant = this.byFold.get(fold(key));
      if (meant !== undefined) {
        throw new InvalidManifestError(at, `key ${quoted(key)} is not ${quoted(meant)}, but some clients read it so`);
      }
    }
  }
}

/** Both ways, because Go also takes the long s (U+017F) for `s` and the Kelvin sign (U+212A) for `k`. */
function fold(key: string): string {
  return key.toLowerCase().toUpperCase();
}
