import { types } from 'node:util';
import pino from 'pino';

/**
 * A copy of `value` that is safe to log: fields whose name says that they are secret are blanked at any depth,
 * and so are credentials inside texts (`scheme://user:password@host`, `Bearer …`, `Basic …`).
 * What would flood the log is cut: depth, long lists, binary data.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return '[…]';
  if (types.isNativeError(value)) return redactFields(pino.stdSerializers.errWithCause(value), depth);
  if (Array.isArray(value)) return redactList(value, depth);
  if (types.isMap(value) || types.isSet(value)) return redactList([...value], depth);
  return redactFields(value, depth);
}

/** Credentials inside a text. */
export function redactText(text: string): string {
  return text.replace(URL_CREDENTIALS, `$1${BLANK}@`).replace(AUTHORIZATION, `$1 ${BLANK}`);
}

const BLANK = '[redacted]';
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;

/** Part of a field's name, in any case and with any separators. */
const SECRET_NAME =
  /authorization|cookie|passw(or)?d|passphrase|secret|token|credential|(private|api|access|signing)[-_]?key/i;
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*:)[^\s/?#]+@/gi;
const AUTHORIZATION = /\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{8,}/gi;

function redactFields(fields: object, depth: number): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const isSecret = SECRET_NAME.test(name) && value !== null && value !== undefined && typeof value !== 'boolean';
    safe[name] = isSecret ? BLANK : redact(value, depth + 1);
  }
  return safe;
}

function redactList(list: readonly unknown[], depth: number): unknown[] {
  const shown = list.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1));
  return list.length > MAX_ITEMS ? [...shown, `… and ${list.length - MAX_ITEMS} more`] : shown;
}
