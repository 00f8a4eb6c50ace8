import type { Parsed } from './reading/fault.js';
import { Reading } from './reading/reading.js';
import { cleanText, shorten } from './reading/text.js';

/** Body of the 202 to `POST /scan`. */
export interface ScanResponse {
  readonly id: string;
}

/** Body of an error reply. */
export interface ScannerErrorBody {
  readonly error: { readonly message: string };
}

/** @returns unusable without an id; a number is taken as its text. */
export function parseScanResponse(document: unknown): Parsed<ScanResponse> {
  const reading = new Reading();
  const root = reading.root(document);
  if (root === null) return reading.finish(null);
  const id = reading.text(root, '', 'id', { isRequired: true, isFatal: true, maxLength: MAX_ID_LENGTH + 1 });
  // A piece of an id names another scan, or none.
  if (id !== null && id.length > MAX_ID_LENGTH)
    reading.note('id', 'invalid', `is longer than ${MAX_ID_LENGTH} characters`, { isFatal: true });
  return reading.finish(id === null ? null : { id });
}

/**
 * What an adapter said about its failure, short enough for a log line: the message of the error document, of what
 * other frameworks send in its place, or the plain text. Null when it said nothing.
 */
export function findErrorMessage(body: string): string | null {
  const text = messageIn(body) ?? body;
  const line = cleanText(text).replaceAll(/\s+/g, ' ').trim();
  return line === '' || line.startsWith('<') ? null : shorten(line, MAX_MESSAGE_LENGTH);
}

export function errorBody(message: string): ScannerErrorBody {
  return { error: { message } };
}

const MAX_ID_LENGTH = 512;
const MAX_MESSAGE_LENGTH = 1000;

function messageIn(body: string): string | null {
  try {
    return [JSON.parse(body) as unknown].flatMap(messagesOf)[0] ?? null;
  } catch {
    return null;
  }
}

/** `{"error":{"message":…}}`, and close relations of it. */
function messagesOf(document: unknown): string[] {
  if (typeof document === 'string') return [document];
  if (typeof document !== 'object' || document === null) return [];
  const { error, message } = document as { error?: unknown; message?: unknown };
  const inner = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error;
  return [inner, message].filter((text) => typeof text === 'string');
}
