import type { ProjectFacts } from '@breakwater/catalog';
import type { Route } from '@breakwater/oci';
import type { RegistryAction } from '@breakwater/rbac';
import type { Caller } from '../access/caller.js';
import type { Exchange } from './exchange.js';

export type RouteKind = Exclude<Route['kind'], 'not-found'>;
export type RouteOf<Kind extends RouteKind> = Extract<Route, { kind: Kind }>;

/** HEAD is GET without the body: an endpoint serves both, and the exchange leaves the body out. */
export const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** Proof that the gate was passed; `project` is the one that the name in the route is in now. */
export interface Access {
  readonly caller: Caller;
  readonly project: ProjectFacts;
}

/** What one method on one kind of route needs, and what it does. */
export type Endpoint<Kind extends RouteKind = RouteKind> =
  | {
      readonly needs: 'sign-in' | 'catalog';
      handle(exchange: Exchange, route: RouteOf<Kind>): Promise<void> | void;
    }
  | {
      readonly needs: RegistryAction | 'continued-push';
      handle(exchange: Exchange, route: RouteOf<Kind>, access: Access): Promise<void> | void;
    };

/** Every method that a kind of route serves. */
export type Endpoints<Kind extends RouteKind> = Readonly<Partial<Record<Method, Endpoint<Kind>>>>;
export type EndpointTable = { readonly [Kind in RouteKind]: Endpoints<Kind> };
