import { parseDataPlaneRoute, type Route } from '@breakwater/oci';
import { requestIdFrom } from '@breakwater/observability';
import { ClientAbortedError } from '@breakwater/storage';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PublicOrigin } from '../access/public-origin.js';
import { ClientGoneError } from '../server/client.errors.js';
import type { Dispatcher } from './dispatch.js';
import { replyError } from './error-reply.js';
import { CLIENT_CLOSED, Exchange, type ExchangeSettings } from './exchange.js';
import type { RequestObserver } from './request-observer.js';

/** Everything under /v2, straight from Node's parser. */
export class DataPlane {
  private inFlight = 0;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly origin: PublicOrigin,
    private readonly observer: RequestObserver,
    private readonly settings: ExchangeSettings,
  ) {}

  /** Requests whose answer is not over. */
  get pending(): number {
    return this.inFlight;
  }

  /** @param awaitsContinue  the client holds its body back until it is told to send it. */
  async serve(request: IncomingMessage, response: ServerResponse, awaitsContinue = false): Promise<void> {
    const requestId = requestIdFrom(request.headers['x-request-id']);
    const exchange = new Exchange(request, response, requestId, awaitsContinue, this.settings);
    const target = read(request.url ?? '');
    const ended = this.observer.began(exchange, target.route);
    this.inFlight++;
    try {
      if (target.route === null) throw target.error;
      await this.dispatcher.serve(exchange, target.route);
    } catch (error) {
      this.refuseSafely(exchange, target.route, error);
    } finally {
      this.inFlight--;
      ended();
    }
  }

  /** Whatever a refusal itself fails of, the process goes on and the client sees an end. */
  private refuseSafely(exchange: Exchange, route: Route | null, error: unknown): void {
    try {
      this.refuse(exchange, route, error);
    } catch (failure) {
      this.observer.failed(exchange, failure);
      exchange.response.destroy();
    }
  }

  private refuse(exchange: Exchange, route: Route | null, error: unknown): void {
    const { request, response } = exchange;
    if (exchange.isAbandoned || error instanceof ClientGoneError) {
      exchange.status = CLIENT_CLOSED;
      response.destroy();
      return;
    }
    if (response.headersSent) {
      // A body cut short must look like one: the client sees the connection break and asks for the rest.
      if (error instanceof ClientAbortedError) exchange.status = CLIENT_CLOSED;
      else this.observer.failed(exchange, error);
      response.destroy();
      return;
    }
    replyError(exchange, route, error, () => this.origin.of(request));
    if (exchange.status >= 500) this.observer.failed(exchange, error);
  }
}

function read(
  target: string,
): { readonly route: Route; readonly error?: never } | { readonly route: null; readonly error: unknown } {
  try {
    return { route: parseDataPlaneRoute(target) };
  } catch (error) {
    return { route: null, error };
  }
}
