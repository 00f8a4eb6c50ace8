import type { RepositoryAddress } from '@breakwater/catalog';
import { parseRepositoryParameter } from '@breakwater/http';
import { RepositoryName } from '@breakwater/oci';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { scopeOf } from '../../access/request-access.js';

/**
 * The repository of the path, with the name of the project that was decided on: whatever the path says besides, it
 * cannot be of another project.
 *
 * @throws UnreadableTargetError, InvalidRepositoryNameError
 */
export const InRepository = createParamDecorator(
  (_: unknown, context: ExecutionContext): RepositoryName => addressOf(context).name,
);

/** As `InRepository`, for look-ups that take both. */
export const AtRepository = createParamDecorator((_: unknown, context: ExecutionContext): RepositoryAddress =>
  addressOf(context),
);

function addressOf(context: ExecutionContext): RepositoryAddress {
  const { project } = scopeOf(context);
  const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: Record<string, string> }>>();
  const within = parseRepositoryParameter(params['repository_name'] ?? '');
  return { projectId: project.id, name: RepositoryName.parse(`${project.name}/${within}`) };
}
