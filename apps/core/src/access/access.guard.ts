import { InvalidCredentialsError } from '@breakwater/accounts';
import type { ProjectKey } from '@breakwater/catalog';
import { parseProjectKey } from '@breakwater/http';
import { UnauthenticatedError } from '@breakwater/rbac';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ACCESS_RULE, PROJECT_BY_NAME, PROJECT_BY_NAME_OR_ID, type AccessRule } from './access-rule.js';
import { AccessDecisions } from './access-decisions.js';
import { rememberAccess, rememberCall, type RequestAccess } from './request-access.js';
import { operationIdOf } from '../rest/operation.decorator.js';

/**
 * In front of every handler: finds out who calls and decides by the handler's rule, before a parameter is parsed.
 * A handler without a rule is never reached.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly decisions: AccessDecisions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.get<AccessRule | undefined>(ACCESS_RULE, context.getHandler());
    if (rule === undefined) throw new Error(`${context.getClass().name} has a handler without an access rule`);
    if (rule.kind === 'open') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    rememberAccess(request, await this.decide(rule, request, operationIdOf(context.getHandler())));
    return true;
  }

  private async decide(
    rule: Exclude<AccessRule, { kind: 'open' }>,
    request: FastifyRequest,
    operationId: string,
  ): Promise<RequestAccess> {
    const actor = await this.decisions.authenticate(request.headers.authorization, request.ip);
    const isForScans = rule.kind === 'anyone' && rule.admitsScans === true;
    if (actor.kind === 'scanner' && !isForScans) throw new InvalidCredentialsError();
    const parameters = request.params as Record<string, string>;
    const project = projectOf(parameters, request.headers['x-is-resource-name']);
    rememberCall(request, { actor, operationId, project });
    if (rule.kind === 'anyone') return { actor, scope: null };
    if (rule.kind === 'signed-in') {
      if (actor.kind === 'anonymous') throw new UnauthenticatedError();
      return { actor, scope: null };
    }
    if (project !== null) return { actor, scope: await this.decisions.onProject(actor, rule.permission, project) };
    const isSelf =
      rule.orSelf !== undefined && actor.kind === 'user' && parameters[rule.orSelf] === `${actor.accountId}`;
    if (!isSelf) this.decisions.onSystem(actor, rule.permission);
    return { actor, scope: null };
  }
}

/** The project that the path names, or null where it names none. */
function projectOf(parameters: Record<string, string>, isResourceName: unknown): ProjectKey | null {
  const nameOrId = parameters[PROJECT_BY_NAME_OR_ID];
  if (nameOrId !== undefined) return parseProjectKey(nameOrId, /^(?:true|t|1)$/i.test(String(isResourceName)));
  const name = parameters[PROJECT_BY_NAME];
  return name === undefined ? null : { by: 'name', name };
}
