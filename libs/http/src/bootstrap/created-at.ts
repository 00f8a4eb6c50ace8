import {
  applyDecorators,
  HttpCode,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

/**
 * For a handler that creates something: 201, `Location`, and no body.
 *
 * @param locate  path of what the handler returned; relative, as Harbor's are. It gets the request's own path, to which
 *   most of them add `/<id>`.
 */
export function CreatedAt<T>(locate: (created: T, path: string) => string): MethodDecorator {
  const interceptor: NestInterceptor<T, void> = {
    intercept(context: ExecutionContext, next: CallHandler<T>): Observable<void> {
      const http = context.switchToHttp();
      const path = http.getRequest<FastifyRequest>().url.split('?', 1)[0]?.replace(/\/$/, '') ?? '';
      return next.handle().pipe(
        map((created) => {
          void http.getResponse<FastifyReply>().header('Location', locate(created, path));
        }),
      );
    },
  };
  return applyDecorators(HttpCode(201), UseInterceptors(interceptor));
}
