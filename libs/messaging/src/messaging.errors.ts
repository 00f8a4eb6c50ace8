import { AppError } from '@breakwater/errors';

/** NATS is not there, or does not answer in time. Whoever must not lose the message writes it to the outbox. */
export class BusUnavailableError extends AppError {
  readonly code = 'UNAVAILABLE';
  readonly kind = 'unavailable';
  constructor(cause?: unknown) {
    super('the message bus does not answer', {}, { cause });
  }
}

/** The server takes no message of that size; trying again will not help. */
export class MessageTooLargeError extends AppError {
  readonly code = 'MESSAGE_TOO_LARGE';
  readonly kind = 'too-large';
  constructor(subject: string, sizeBytes: number, maxBytes: number) {
    super(`a message of ${sizeBytes} bytes on ${subject} exceeds the server's ${maxBytes}`, { sizeBytes, maxBytes });
  }
}

/** No stream keeps messages on this subject, so nobody would ever read it. */
export class NoStreamError extends AppError {
  readonly code = 'NO_STREAM';
  readonly kind = 'internal';
  constructor(subject: string) {
    super(`no stream takes messages on ${subject}`, { subject });
  }
}

/** Was delivered again and again and nobody said what became of it: its readers died of it. */
export class NeverAnsweredError extends AppError {
  readonly code = 'NEVER_ANSWERED';
  readonly kind = 'internal';
  constructor(deliveries: number) {
    super(`delivered ${deliveries} times and never answered`, { deliveries });
  }
}
