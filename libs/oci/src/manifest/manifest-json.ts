import { excerpt } from '../excerpt.js';
import { InvalidManifestError, MAX_MANIFEST_BYTES, ManifestTooLargeError } from './manifest-errors.js';

export type JsonObject = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 64;
/**
 * Four megabytes of `{},{},…` would become a hundred megabytes of objects. 10 000 descriptors with twenty annotations
 * each stay below this.
 */
const MAX_VALUES = 400_000;

/** Neither lenient about bytes that are not UTF-8 nor about a byte order mark, which JSON does not allow. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The JSON object that a manifest's bytes spell.
 *
 * @throws ManifestTooLargeError
 * @throws InvalidManifestError  not UTF-8, not JSON, not an object, or built to exhaust the reader.
 */
export function decodeManifest(bytes: Uint8Array): JsonObject {
  if (bytes.byteLength > MAX_MANIFEST_BYTES) throw new ManifestTooLargeError(bytes.byteLength);
  refuseBombs(bytes);
  const value = parseJson(decodeUtf8(bytes));
  if (!isJsonObject(value)) throw new InvalidManifestError('', 'the document is not a JSON object');
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/**
 * Counts nesting and values before anything is allocated for them. Knows just enough JSON to skip strings; what is not
 * JSON is left for the parser to refuse. Bytes of multi-byte characters are never mistaken for any of these.
 */
function refuseBombs(bytes: Uint8Array): void {
  let depth = 0;
  let values = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    switch (bytes[index]) {
      case QUOTE:
        index = endOfString(bytes, index);
        break;
      case 0x7b:
      case 0x5b:
        depth += 1;
        values += 1;
        if (depth > MAX_DEPTH) throw new InvalidManifestError('', `nested deeper than ${MAX_DEPTH} levels`);
        break;
      case 0x7d:
      case 0x5d:
        depth -= 1;
        break;
      case COMMA:
        values += 1;
        break;
    }
    if (values > MAX_VALUES) throw new InvalidManifestError('', `holds more than ${MAX_VALUES} values`);
  }
}

/** Index of the quote that closes the string opened at `start`, or of the last byte. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start + 1;
  while (index < bytes.length && bytes[index] !== QUOTE) index += bytes[index] === BACKSLASH ? 2 : 1;
  return index;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new InvalidManifestError('', 'the document is not UTF-8', { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? excerpt(cause.message) : 'unreadable';
    throw new InvalidManifestError('', `the document is not JSON: ${reason}`, { cause });
  }
}
