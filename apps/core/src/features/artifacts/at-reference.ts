import { findReference, type Reference } from '@breakwater/oci';
import { AppError } from '@breakwater/errors';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The tag or digest of the path. @throws ReferenceUnknownError  nothing can have this name. */
export const AtReference = createParamDecorator((_: unknown, context: ExecutionContext): Reference => {
  const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: Record<string, string> }>>();
  const reference = findReference(params['reference'] ?? '');
  if (reference === null) throw new ReferenceUnknownError();
  return reference;
});

/** A text that is no tag and no digest names no artifact. */
export class ReferenceUnknownError extends AppError {
  readonly code = 'REFERENCE_UNKNOWN';
  readonly kind = 'not-found';
  constructor() {
    super('no artifact can have this tag or digest');
  }
}
