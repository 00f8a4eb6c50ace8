import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/**
 * Where this request reached us, e.g. `https://registry.example.com:8443`, as a trusted proxy tells or as the `Host`
 * header says. Use it only where the installation was not told its address, and never to decide anything.
 */
export const RequestOrigin = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { protocol, host } = context.switchToHttp().getRequest<FastifyRequest>();
  return `${protocol}://${HOST.test(host) ? host : 'localhost'}`;
});

/** A name, an IPv4 address, or an IPv6 address in brackets, and a port. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;
