import { UnknownRouteError, type Route } from '@breakwater/oci';
import type { Caller } from '../access/caller.js';
import type { Gate } from '../access/gate.js';
import type { Need } from '../access/need.js';
import {
  METHODS,
  type Access,
  type Endpoint,
  type Endpoints,
  type EndpointTable,
  type Method,
  type RouteKind,
} from './endpoint.js';
import type { Exchange } from './exchange.js';
import { MethodNotAllowedError } from './method.errors.js';
import { mountSource } from './upload-routes.js';

/**
 * Takes one parsed request to its endpoint: is it served, who asks, may they, do it. Authorisation and handling get
 * the very same route.
 */
export class Dispatcher {
  constructor(
    private readonly table: EndpointTable,
    private readonly gate: Gate,
    private readonly clientAddressOf: (exchange: Exchange) => string,
  ) {}

  async serve(exchange: Exchange, route: Route): Promise<void> {
    if (route.kind === 'not-found') throw new UnknownRouteError();
    const endpoint = this.endpointOf(exchange.request.method ?? '', route.kind);
    const need = needOf(endpoint, route);
    const address = this.clientAddressOf(exchange);
    const caller = await this.gate.identify(exchange.request.headers.authorization, need, address);
    exchange.caller = caller;
    await this.handle(endpoint, exchange, route, need, caller);
  }

  private endpointOf(method: string, kind: RouteKind): Endpoint {
    const served: Endpoints<RouteKind> = this.table[kind];
    const endpoint = served[(method === 'HEAD' ? 'GET' : method) as Method];
    if (endpoint === undefined) throw new MethodNotAllowedError(method, allowedMethods(served));
    return endpoint;
  }

  private async handle(
    endpoint: Endpoint,
    exchange: Exchange,
    route: KnownRoute,
    need: Need,
    caller: Caller,
  ): Promise<void> {
    if (endpoint.needs === 'sign-in' || endpoint.needs === 'catalog') {
      if (endpoint.needs === 'catalog') this.gate.requireCatalog(caller);
      else this.gate.requireSignedIn(caller);
      await endpoint.handle(exchange, route);
      return;
    }
    // What needs a right on a repository and has no repository is not served.
    if (need.kind !== 'repository') throw new UnknownRouteError();
    const access: Access = { caller, project: await this.gate.admit(caller, need) };
    await endpoint.handle(exchange, route, access);
  }
}

type KnownRoute = Exclude<Route, { kind: 'not-found' }>;

function needOf(endpoint: Endpoint, route: KnownRoute): Need {
  if (endpoint.needs === 'sign-in' || endpoint.needs === 'catalog') return { kind: endpoint.needs };
  const { name } = route as Extract<KnownRoute, { name: unknown }>;
  if (name === null) return { kind: 'sign-in' };
  if (endpoint.needs === 'continued-push') return { kind: 'repository', name, action: 'push', isContinuation: true };
  if (route.kind === 'uploads' && route.query.has('mount'))
    return { kind: 'repository', name, action: endpoint.needs, mountFrom: mountSource(route.query) ?? null };
  return { kind: 'repository', name, action: endpoint.needs };
}

/** For `Allow`: in a fixed order, HEAD wherever GET is. */
export function allowedMethods(served: Endpoints<RouteKind>): string[] {
  return METHODS.filter((method) => served[method] !== undefined).flatMap((method) =>
    method === 'GET' ? ['GET', 'HEAD'] : [method],
  );
}
