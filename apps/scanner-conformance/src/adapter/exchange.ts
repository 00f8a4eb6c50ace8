/** One question to the adapter and its answer, as they went over the wire. */
export interface Exchange {
  method: string;
  /** Host and port of the adapter. */
  host: string;
  /** Below the adapter's base address, query included. */
  path: string;
  requestHeaders: Readonly<Record<string, string>>;
  /** Null: no answer came; `failure` says why. */
  status: number | null;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
  durationMs: number;
  failure: string | null;
  /** The adapter was not expected to answer well: its time and its words are not held against it. */
  isProbe: boolean;
}

export function header(exchange: Exchange, name: string): string | null {
  const value = exchange.headers[name];
  return (Array.isArray(value) ? value.join(', ') : value) ?? null;
}

/** The body as JSON; undefined when it is none. */
export function json(exchange: Exchange): unknown {
  try {
    return JSON.parse(exchange.body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** The message of `{"error":{"message":…}}`; null when the body has not this shape. */
export function errorMessage(exchange: Exchange): string | null {
  const body = json(exchange) as { error?: { message?: unknown } } | null | undefined;
  const message = typeof body === 'object' ? body?.error?.message : undefined;
  return typeof message === 'string' && message.trim() !== '' ? message : null;
}

/** e.g. `POST /api/v1/scan → 202 in 12 ms, application/…, {"id":"1"}`. */
export function describe(exchange: Exchange): string {
  const { method, path, status, failure, durationMs, body } = exchange;
  if (status === null) return `${method} ${path} → ${failure ?? 'no answer'}`;
  const parts = [`${method} ${path} → ${status} in ${Math.round(durationMs)} ms`, header(exchange, 'content-type')];
  for (const name of ['location', 'refresh-after', 'retry-after']) {
    const value = header(exchange, name);
    if (value !== null) parts.push(`${name}: ${value}`);
  }
  if (status >= 400 && body.length > 0) parts.push(excerpt(body.toString()));
  return parts.filter(Boolean).join(', ');
}

/** On one line and not too long. */
export function excerpt(text: string, maxLength = 200): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}
