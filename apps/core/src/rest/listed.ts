import { setPageHeaders, type Page } from '@breakwater/http';
import { type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

/** What the handler of a list returns; `@ReturnsPage` makes the headers and the body of it. */
export interface Listed<T> {
  readonly items: readonly T[];
  /** Of all pages, for the same filters. */
  readonly total: number;
  readonly page: Page;
}

/** `X-Total-Count` and `Link` from what the handler returned; the items are the body. */
export class ListedInterceptor<T> implements NestInterceptor<Listed<T>, readonly T[]> {
  intercept(context: ExecutionContext, next: CallHandler<Listed<T>>): Observable<readonly T[]> {
    const http = context.switchToHttp();
    return next.handle().pipe(
      map(({ items, total, page }) => {
        setPageHeaders(http.getResponse<FastifyReply>(), http.getRequest<FastifyRequest>(), page, total);
        return items;
      }),
    );
  }
}
