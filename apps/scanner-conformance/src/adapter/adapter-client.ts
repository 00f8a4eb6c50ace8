import http from 'node:http';
import https from 'node:https';
import type { Exchange } from './exchange.js';

export interface AdapterClientOptions {
  /** Base address, with or without `/api/v1` at its end. */
  url: URL;
  /** Headers that say who we are; see `authorizationHeaders`. */
  authorization: Readonly<Record<string, string>>;
  /** Do not check the adapter's certificate. */
  isInsecure: boolean;
  /** An answer that takes longer is given up, in milliseconds. */
  timeoutMs: number;
}

export interface AdapterRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Leave out or replace what says who we are. */
  authorization?: Readonly<Record<string, string>>;
  isProbe?: boolean;
}

/** The largest answer that is kept; beyond it the answer counts as none. */
const MAX_BODY_BYTES = 512 * 1024 * 1024;

/**
 * Asks the adapter exactly what it is told to ask and follows nothing: a vendor has to see the header that was wrong,
 * so nothing here is tolerant. Every exchange is kept.
 */
export class AdapterClient {
  readonly exchanges: Exchange[] = [];
  private readonly base: string;
  private readonly agent: http.Agent;

  constructor(private readonly options: AdapterClientOptions) {
    this.base = options.url.href.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
    this.agent =
      options.url.protocol === 'https:'
        ? new https.Agent({ keepAlive: true, rejectUnauthorized: !options.isInsecure })
        : new http.Agent({ keepAlive: true });
  }

  /** The headers that say who we are. */
  get authorization(): Readonly<Record<string, string>> {
    return this.options.authorization;
  }

  close(): void {
    this.agent.destroy();
  }

  get(path: string, headers: Record<string, string> = {}, request: AdapterRequest = {}): Promise<Exchange> {
    return this.ask(path, { ...request, headers });
  }

  /** Never rejects: no answer is an answer too. */
  async ask(path: string, request: AdapterRequest = {}): Promise<Exchange> {
    const began = performance.now();
    const exchange: Exchange = {
      method: request.method ?? 'GET',
      host: this.options.url.host,
      path,
      requestHeaders: { ...(request.authorization ?? this.options.authorization), ...request.headers },
      status: null,
      headers: {},
      body: Buffer.alloc(0),
      durationMs: 0,
      failure: null,
      isProbe: request.isProbe ?? false,
    };
    this.exchanges.push(exchange);
    try {
      await this.sendAgain(exchange, request.body);
    } catch (error) {
      exchange.status = null;
      exchange.failure = reasonOf(error);
    }
    exchange.durationMs = performance.now() - began;
    return exchange;
  }

  /** Sends half of a request and goes away. */
  abandon(path: string, headers: Record<string, string>, half: string): Promise<void> {
    return new Promise((resolve) => {
      const request = this.request('POST', path, {
        ...this.options.authorization,
        ...headers,
        'Content-Length': String(half.length * 2),
      });
      request.on('error', () => undefined);
      request.on('close', () => resolve());
      request.write(half, () => request.destroy());
    });
  }

  /**
   * A server may close a kept connection at any moment, also in that in which it is used again: that says nothing of the
   * adapter. Ends with a connection of its own at the latest.
   *
   * @see RFC 9112, section 9.3.1
   */
  private async sendAgain(exchange: Exchange, body: string | Buffer | undefined): Promise<void> {
    for (;;) {
      try {
        return await this.send(exchange, body);
      } catch (error) {
        if (!(error instanceof KeptConnectionLostError)) throw error;
      }
    }
  }

  private send(exchange: Exchange, body: string | Buffer | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { ...exchange.requestHeaders };
      if (body !== undefined) headers['Content-Length'] = String(Buffer.byteLength(body));
      const request = this.request(exchange.method, exchange.path, headers);
      const deadline = setTimeout(
        () => request.destroy(new Error(`no whole answer within ${this.options.timeoutMs / 1000} s`)),
        this.options.timeoutMs,
      );
      request.on('close', () => clearTimeout(deadline));
      request.on('error', (error: NodeJS.ErrnoException) => {
        const isLost =
          request.reusedSocket && exchange.status === null && /^(?:ECONNRESET|EPIPE)$/.test(error.code ?? '');
        reject(isLost ? new KeptConnectionLostError() : error);
      });
      request.on('response', (response) => {
        exchange.status = response.statusCode ?? null;
        exchange.headers = response.headers;
        read(response).then((whole) => {
          exchange.body = whole;
          resolve();
        }, reject);
      });
      request.end(body);
    });
  }

  private request(method: string, path: string, headers: Record<string, string>): http.ClientRequest {
    const url = this.base + path;
    const options = { method, headers, agent: this.agent };
    return url.startsWith('https:') ? https.request(url, options) : http.request(url, options);
  }
}

class KeptConnectionLostError extends Error {}

/**
 * Headers for `--authorization`: a complete value (`Basic …`, `Bearer …`), `user:password`, or `apikey:<key>` for
 * `X-ScannerAdapter-API-Key`.
 */
export function authorizationHeaders(text: string | null): Record<string, string> {
  if (text === null) return {};
  if (/^(?:basic|bearer) /i.test(text)) return { Authorization: text };
  const key = /^apikey:(.+)$/i.exec(text)?.[1];
  if (key !== undefined) return { 'X-ScannerAdapter-API-Key': key };
  return { Authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

async function read(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES) throw new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A connection refused by several addresses is an AggregateError without words. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}
