import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Pool, type Dispatcher } from 'undici';
import type { PublicOrigin } from '../access/public-origin.js';
import { ClientGoneError, SilentClientError } from '../server/client.errors.js';
import { afterwards, endAfterBody } from '../server/linger.js';
import { announcesBody, RequestBody } from '../server/request-body.js';
import { requestHeaders, responseHeaders } from './forwarded-headers.js';
import { upstreamFailure, type UpstreamFailure } from './upstream-failure.js';

export interface FrontDoorOptions {
  /** Origin of core, e.g. `http://127.0.0.1:8081`. */
  readonly coreUrl: string;
  readonly bodyIdleTimeoutMs: number;
  readonly requestIdOf: (request: IncomingMessage) => string;
  /** Shutting down: every answer is the last one of its connection. */
  readonly isDraining: () => boolean;
  readonly onFailure: (failure: UpstreamFailure, requestId: string) => void;
}

/** How long core may think before its answer begins, and be silent within it. */
const ANSWER_TIMEOUT_MS = 300_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 256;

/**
 * The one address of a one-machine installation: what is not the data plane goes on to core (docs/adr/0005).
 *
 * Streams both ways and keeps nothing: no buffering, no caching, no rewriting but of the headers that mean one
 * connection.
 */
export class FrontDoor {
  private readonly core: Pool;

  constructor(
    private readonly origin: PublicOrigin,
    private readonly options: FrontDoorOptions,
  ) {
    this.core = new Pool(options.coreUrl, {
      connections: MAX_CONNECTIONS,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
  }

  /** @param awaitsContinue  the client holds its body back until core's side of it is open. */
  async serve(request: IncomingMessage, response: ServerResponse, awaitsContinue = false): Promise<void> {
    const requestId = this.options.requestIdOf(request);
    const body = announcesBody(request)
      ? new RequestBody(request, response, { idleTimeoutMs: this.options.bodyIdleTimeoutMs, awaitsContinue })
      : null;
    const stillWaits = (): boolean => awaitsContinue && body?.wasRead !== true;
    const aborter = new AbortController();
    const abort = (): void => aborter.abort();
    response.once('close', abort);
    try {
      const answer = await this.ask(request, body, requestId, aborter.signal);
      await this.pass(answer, request, response, stillWaits());
    } catch (error) {
      this.fail(error, request, response, requestId, stillWaits());
    } finally {
      response.off('close', abort);
    }
  }

  async close(): Promise<void> {
    await this.core.destroy();
  }

  private async ask(
    request: IncomingMessage,
    body: RequestBody | null,
    requestId: string,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const options: Dispatcher.RequestOptions = {
      method: request.method as Dispatcher.HttpMethod,
      path: request.url ?? '/',
      headers: requestHeaders(request, this.origin, requestId),
      body,
      signal,
      responseHeaders: 'raw',
    };
    try {
      return await this.core.request(options);
    } catch (error) {
      // Core closed a kept connection just as we used it: nothing was served, and a read may be asked again.
      const isRepeatable = body === null && (request.method === 'GET' || request.method === 'HEAD');
      if (!isRepeatable || !isClosedConnection(error) || signal.aborted) throw error;
      return this.core.request(options);
    }
  }

  private async pass(
    answer: Dispatcher.ResponseData,
    request: IncomingMessage,
    response: ServerResponse,
    stillWaits: boolean,
  ): Promise<void> {
    // Asked for as `raw`, which its type does not tell.
    const headers = responseHeaders(answer.headers as unknown as string[]);
    const after = announcesBody(request) ? afterwards(request, stillWaits) : 'keep';
    if (after === 'linger' || this.options.isDraining()) headers.push('connection', 'close');
    response.writeHead(answer.statusCode, answer.statusText, headers);
    if (after === 'keep' && request.complete) {
      await pipeline(answer.body, response);
      return;
    }
    // Core answered before it had the whole body; the client is still sending it.
    await pipeline(answer.body, response, { end: false });
    endAfterBody(request, response, after);
  }

  private fail(
    error: unknown,
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    stillWaits: boolean,
  ): void {
    if (response.destroyed || error instanceof ClientGoneError) return;
    const failure = upstreamFailure(error);
    if (!(error instanceof SilentClientError)) this.options.onFailure(failure, requestId);
    if (response.headersSent) {
      // Half an answer must not look like a whole one.
      response.destroy();
      return;
    }
    const text = JSON.stringify({ errors: [{ code: failure.code, message: failure.message }] });
    const after = announcesBody(request) ? afterwards(request, stillWaits) : 'keep';
    const headers = ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(text))];
    headers.push('X-Request-Id', requestId, 'Cache-Control', 'no-store');
    if (failure.status === 503) headers.push('Retry-After', '5');
    if (after === 'linger' || this.options.isDraining()) headers.push('Connection', 'close');
    response.writeHead(failure.status, headers);
    if (request.method !== 'HEAD') response.write(text);
    endAfterBody(request, response, after);
  }
}

function isClosedConnection(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}
