import { AppError } from '@breakwater/errors';

/** A message that its contract does not allow. Reading it again will not help: it belongs to the dead letters. */
export class InvalidMessageError extends AppError {
  readonly code = 'MESSAGE_INVALID';
  readonly kind = 'invalid';
  constructor(
    readonly subject: string,
    readonly faults: readonly string[],
    cause?: unknown,
  ) {
    super(`a message on ${subject} breaks its contract: ${faults.join('; ')}`, { subject, faults }, { cause });
  }
}

/** A message that this build has no contract for: it comes from a newer one. */
export class UnknownMessageError extends AppError {
  readonly code = 'MESSAGE_UNKNOWN';
  readonly kind = 'invalid';
  constructor(readonly subject: string) {
    super(`no contract for messages on ${subject}`, { subject });
  }
}
