import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { PublicOrigin } from '../access/public-origin.js';
import { ClientGoneError, SilentClientError } from '../server/client.errors.js';
import { afterwards, endAfterBody, type Afterwards } from '../server/linger.js';
import { announcesBody, RequestBody } from '../server/request-body.js';
import { requestHeaders, responseHeaders } from './forwarded-headers.js';
import { upstreamFailure, type UpstreamFailure } from './upstream-failure.js';

export interface PassageOptions {
  readonly origin: PublicOrigin;
  readonly bodyIdleTimeoutMs: number;
  readonly requestIdOf: (request: IncomingMessage) => string;
  /** Shutting down: every answer is the last one of its connection. */
  readonly isDraining: () => boolean;
  readonly onFailure: (failure: UpstreamFailure, requestId: string) => void;
}

/** One request on its way through the front door, and its answer on the way back. */
export class Passage implements Dispatcher.DispatchHandler {
  private readonly requestId: string;
  private readonly body: RequestBody | null;
  private core: Dispatcher.DispatchController | null = null;
  private after: Afterwards = 'keep';
  private isRepeated = false;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly awaitsContinue: boolean,
    private readonly options: PassageOptions,
  ) {
    this.requestId = options.requestIdOf(request);
    this.body = announcesBody(request)
      ? new RequestBody(request, response, { idleTimeoutMs: options.bodyIdleTimeoutMs, awaitsContinue })
      : null;
  }

  begin(): void {
    this.response.once('close', this.onClientClosed);
    this.ask();
  }

  onRequestStart(core: Dispatcher.DispatchController): void {
    this.core = core;
    if (this.response.destroyed) core.abort(new ClientGoneError());
  }

  onResponseStart(core: Dispatcher.DispatchController, status: number, _headers: unknown, reason?: string): void {
    if (status < 200) return;
    const raw = (core.rawHeaders ?? []) as readonly (Buffer | string)[];
    const headers = responseHeaders(raw.map((text) => (typeof text === 'string' ? text : text.toString('latin1'))));
    this.after = this.afterwards();
    if (this.after !== 'keep' || this.options.isDraining()) headers.push('connection', 'close');
    this.response.writeHead(status, reason ?? '', headers);
  }

  onResponseData(core: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.response.write(chunk)) return;
    core.pause();
    this.response.once('drain', () => core.resume());
  }

  onResponseEnd(): void {
    this.finish();
  }

  onResponseError(_core: Dispatcher.DispatchController | null, error: unknown): void {
    if (this.response.destroyed) return;
    if (this.isRepeatable(error)) {
      // Core closed a kept connection just as we used it: nothing was served, and a read may be asked again.
      this.isRepeated = true;
      this.ask();
      return;
    }
    this.fail(error);
  }

  private ask(): void {
    const { request, options } = this;
    const asked: Dispatcher.DispatchOptions = {
      method: request.method as Dispatcher.HttpMethod,
      path: request.url ?? '/',
      headers: requestHeaders(request, options.origin, this.requestId),
      body: this.body,
    };
    try {
      this.dispatcher.dispatch(asked, this);
    } catch (error) {
      this.fail(error);
    }
  }

  private readonly onClientClosed = (): void => {
    if (!this.response.writableFinished) this.core?.abort(new ClientGoneError());
  };

  private isRepeatable(error: unknown): boolean {
    const { method } = this.request;
    const isRead = this.body === null && (method === 'GET' || method === 'HEAD');
    return isRead && !this.isRepeated && !this.response.headersSent && isClosedConnection(error);
  }

  private fail(error: unknown): void {
    const { request, response } = this;
    const failure = upstreamFailure(error);
    if (!(error instanceof SilentClientError)) this.options.onFailure(failure, this.requestId);
    if (response.headersSent) {
      // Half an answer must not look like a whole one.
      response.destroy();
      return;
    }
    const text = JSON.stringify({ errors: [{ code: failure.code, message: failure.message }] });
    this.after = error instanceof SilentClientError ? 'hang-up' : this.afterwards();
    const headers = ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(text))];
    headers.push('X-Request-Id', this.requestId, 'Cache-Control', 'no-store');
    if (failure.status === 503) headers.push('Retry-After', '5');
    if (this.after !== 'keep' || this.options.isDraining()) headers.push('Connection', 'close');
    response.writeHead(failure.status, headers);
    if (request.method !== 'HEAD') response.write(text);
    this.finish();
  }

  /** Core may answer before it has the whole body, which the client is then still sending. */
  private finish(): void {
    endAfterBody(this.request, this.response, this.after);
  }

  private afterwards(): Afterwards {
    if (this.body === null) return 'keep';
    return afterwards(this.request, this.awaitsContinue && !this.body.wasRead);
  }
}

function isClosedConnection(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}
