import { AppError } from '@breakwater/errors';

/** Artifacts of that type have no such addition. */
export class AdditionUnsupportedError extends AppError {
  readonly code = 'ADDITION_UNSUPPORTED';
  readonly kind = 'invalid';
  constructor(name: string, artifactType: string) {
    super(`addition ${name} isn't supported for ${artifactType}`, { addition: name, artifactType });
  }
}

/** What it is to be read from is not here, as a project may allow. */
export class AdditionNotFoundError extends AppError {
  readonly code = 'ADDITION_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(name: string) {
    super(`the content that ${name} is read from is not here`, { addition: name });
  }
}

/** What it is to be read from is not what its media type says, or larger than anything that is shown. */
export class AdditionUnreadableError extends AppError {
  readonly code = 'ADDITION_UNREADABLE';
  readonly kind = 'precondition';
  constructor(name: string, reason: string, options?: { cause?: unknown }) {
    super(`${name} cannot be read: ${reason}`, { addition: name }, options);
  }
}
