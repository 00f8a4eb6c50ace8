import { parseDataPlaneRoute, type Route } from '@breakwater/oci';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PublicOrigin } from '../access/public-origin.js';
import { ClientGoneError } from '../server/client.errors.js';
import { requestIdOf } from '../server/request-id.js';
import type { Dispatcher } from './dispatch.js';
import { replyError } from './error-reply.js';
import { CLIENT_CLOSED, Exchange, type ExchangeSettings } from './exchange.js';

/** Told about every request: metrics and the log. Called on the hot path. */
export interface RequestObserver {
  began(): void;
  ended(exchange: Exchange, route: Route | null): void;
  failed(exchange: Exchange, route: Route | null, error: unknown): void;
}

/** Everything under /v2, straight from Node's parser. */
export class DataPlane {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly origin: PublicOrigin,
    private readonly observer: RequestObserver,
    private readonly settings: ExchangeSettings,
  ) {}

  /** @param awaitsContinue  the client holds its body back until it is told to send it. */
  async serve(request: IncomingMessage, response: ServerResponse, awaitsContinue = false): Promise<void> {
    const exchange = new Exchange(request, response, requestIdOf(request), awaitsContinue, this.settings);
    let route: Route | null = null;
    this.observer.began();
    try {
      route = parseDataPlaneRoute(request.url ?? '');
      await this.dispatcher.serve(exchange, route);
    } catch (error) {
      this.refuse(exchange, route, error);
    } finally {
      this.observer.ended(exchange, route);
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
      this.observer.failed(exchange, route, error);
      response.destroy();
      return;
    }
    replyError(exchange, route, error, () => this.origin.of(request));
    if (exchange.status >= 500) this.observer.failed(exchange, route, error);
  }
}
