import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { findReference, RepositoryName, type Reference } from '@breakwater/oci';
import type { FastifyRequest } from 'fastify';
import { UnreadableTargetError } from '../errors/http.errors.js';
import { findBoolean } from '../validation/convert-parameter.js';

/** How a path names a project. */
export type ProjectKey = { readonly by: 'id'; readonly id: number } | { readonly by: 'name'; readonly name: string };

const MAX_PROJECT_ID = 2 ** 31 - 1;

/**
 * Reads `project_name_or_id`: digits are an id, unless the header `X-Is-Resource-Name` says that it is a name.
 *
 * @param text  as the router gives it, decoded once. Digits beyond any id can only be a name.
 */
export function parseProjectKey(text: string, isName: boolean): ProjectKey {
  const id = !isName && /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return id <= MAX_PROJECT_ID ? { by: 'id', id } : { by: 'name', name: text };
}

/**
 * Reads `repository_name`, the part of a repository's name after its project. Clients encode it twice because of its
 * slashes (`tools%252Fcache`): the router undid the first encoding, this undoes the second.
 *
 * @throws UnreadableTargetError  what is left is not an encoding.
 * @throws InvalidRepositoryNameError  no repository can have this name.
 */
export function parseRepositoryParameter(text: string): RepositoryName {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw new UnreadableTargetError('the repository name holds an escape that cannot be read');
  }
  return RepositoryName.parse(decoded);
}

/** `@ProjectParam()`: the `project_name_or_id` of the path as a `ProjectKey`. */
export const ProjectParam = createParamDecorator((_: unknown, context: ExecutionContext): ProjectKey => {
  const isName = findBoolean(String(context.switchToHttp().getRequest<FastifyRequest>().headers['x-is-resource-name']));
  return parseProjectKey(parameterOf(context, 'project_name_or_id'), isName === true);
});

/** `@RepositoryParam()`: the `repository_name` of the path, without its project. */
export const RepositoryParam = createParamDecorator((_: unknown, context: ExecutionContext): RepositoryName =>
  parseRepositoryParameter(parameterOf(context, 'repository_name')),
);

/** `@ReferenceParam()`: the `reference` of the path, or null for a text that can be no tag and no digest: 404. */
export const ReferenceParam = createParamDecorator((_: unknown, context: ExecutionContext): Reference | null =>
  findReference(parameterOf(context, 'reference')),
);

function parameterOf(context: ExecutionContext, name: string): string {
  const parameters = context.switchToHttp().getRequest<FastifyRequest<{ Params: Record<string, string> }>>().params;
  return parameters[name] ?? '';
}
