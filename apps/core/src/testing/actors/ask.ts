import { PROJECT_BY_NAME, PROJECT_BY_NAME_OR_ID } from '../../access/access-rule.js';
import { readOpenApiOperations } from '../../contract/openapi-operations.js';
import { operationKey, type OperationShape } from '../../contract/operation-shape.js';
import { describeCore } from '../../core.app.js';
import type { Answer } from '../caller.js';
import type { ActorKind, Target } from './actor-kinds.js';
import { OPERATION_REQUESTS, type OperationRequest } from './operation-requests.js';
import type { World } from './world.js';

/** An operation, as the running app has it. */
export interface ServedOperation {
  readonly id: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH' | 'HEAD';
  /** `/api/v2.0/users/{user_id}` */
  readonly path: string;
  /** As documented, by status. */
  readonly responses: OperationShape['responses'];
}

/** All of them, from the routes. */
export async function readServedOperations(): Promise<ServedOperation[]> {
  const document = await describeCore('0.0.0');
  const shapes = new Map(readOpenApiOperations(document).map((shape) => [shape.key, shape]));
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, { readonly operationId: string }>).map(([verb, { operationId: id }]) => {
      const method = verb.toUpperCase() as ServedOperation['method'];
      return { id, method, path, responses: shapes.get(operationKey(method, path))?.responses ?? new Map() };
    }),
  );
}

/** Makes what the request is about, so that it would succeed for who may send it. */
export async function prepare(
  world: World,
  operation: ServedOperation,
  actor: ActorKind,
  target: Target,
): Promise<OperationRequest> {
  const make = OPERATION_REQUESTS[operation.id];
  return make === undefined ? {} : make({ world, actor, target, project: world.projects[projectOf(target)] });
}

/** @param project  another than the target's, with everything else as it was prepared. */
export function send(
  world: World,
  operation: ServedOperation,
  request: OperationRequest,
  actor: ActorKind,
  target: Target,
  project: string = world.projects[projectOf(target)].name,
): Promise<Answer> {
  const own = { [PROJECT_BY_NAME]: project, [PROJECT_BY_NAME_OR_ID]: project };
  const values: Record<string, string | number> = { ...own, ...request.parameters };
  if (project !== world.projects[projectOf(target)].name) Object.assign(values, own);
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`operation-requests.ts has no ${name} for ${operation.id}`);
    return encodeURIComponent(value);
  });
  const url = request.query === undefined ? path : `${path}?${request.query}`;
  return world.caller(actor).send(operation.method, url, request.body, request.headers);
}

function projectOf(target: Target): 'private' | 'public' {
  return target === 'public' ? 'public' : 'private';
}
