import type { ProjectKey } from '@breakwater/catalog';
import type { Actor } from '@breakwater/rbac';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ProjectScope as Scope } from './project-scope.js';

/** What the guard decided for one request. */
export interface RequestAccess {
  readonly actor: Actor;
  /** Null where the path names no project. */
  readonly scope: Scope | null;
}

/** Who called which operation, whether it was allowed or not. */
export interface Call {
  readonly actor: Actor;
  readonly operationId: string;
  /** As the path names it. */
  readonly project: ProjectKey | null;
}

const calls = new WeakMap<FastifyRequest, Call>();

export function rememberCall(request: FastifyRequest, call: Call): void {
  calls.set(request, call);
}

/** Null for a request that ended before anybody had looked who sends it. */
export function findCall(request: FastifyRequest): Call | null {
  return calls.get(request) ?? null;
}

const decided = new WeakMap<FastifyRequest, RequestAccess>();

export function rememberAccess(request: FastifyRequest, access: RequestAccess): void {
  decided.set(request, access);
}

/** Who calls. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  return accessOf(context).actor;
});

/** The project of the path, decided on. */
export const InProject = createParamDecorator((_: unknown, context: ExecutionContext): Scope => scopeOf(context));

/** For decorators of what lies in the project. */
export function scopeOf(context: ExecutionContext): Scope {
  const { scope } = accessOf(context);
  if (scope === null) throw new Error('the path of this operation names no project');
  return scope;
}

function accessOf(context: ExecutionContext): RequestAccess {
  const access = decided.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (access === undefined) throw new Error('the access guard has not decided on this request');
  return access;
}
