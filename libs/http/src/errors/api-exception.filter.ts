import { Catch, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorResponder } from './error-responder.js';
import { MethodNotAllowedError, UnknownPathError } from './http.errors.js';
import type { KnownRoutes } from './known-routes.js';

/** The one filter of an app: every error of every route comes here. */
@Catch()
export class ApiExceptionFilter implements ExceptionFilter {
  constructor(
    private readonly responder: ErrorResponder,
    private readonly routes: KnownRoutes,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    this.responder.respond(this.named(error, request), request, http.getResponse<FastifyReply>());
  }

  /** The framework throws the same for a path that nothing serves and for one that other verbs have. */
  private named(error: unknown, request: FastifyRequest): unknown {
    if (!(error instanceof NotFoundException) || !request.is404) return error;
    const allowed = this.routes.methodsOf(request.url);
    // A route of files (`/assets/*`) knows the verb and not the file.
    return allowed.length > 0 && !allowed.includes(request.method)
      ? new MethodNotAllowedError(allowed)
      : new UnknownPathError();
  }
}
