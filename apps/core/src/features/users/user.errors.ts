import { AppError } from '@breakwater/errors';

/** The operation is about the person who is signed in, and a robot is. */
export class NotAPersonError extends AppError {
  readonly code = 'NOT_A_PERSON';
  readonly kind = 'precondition';

  constructor() {
    super('only people have a profile');
  }
}
