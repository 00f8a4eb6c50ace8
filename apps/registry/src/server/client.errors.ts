import { AppError } from '@breakwater/errors';

/** The client hung up before its request was complete. Nobody is left to be told; it is not our fault. */
export class ClientGoneError extends AppError {
  readonly code = 'CLIENT_GONE';
  readonly kind = 'invalid';
  constructor() {
    super('the client closed the connection before its request was complete');
  }
}

/** The client announced a body and then sent nothing of it for too long. */
export class SilentClientError extends AppError {
  readonly code = 'CLIENT_SILENT';
  readonly kind = 'invalid';
  constructor() {
    super('nothing arrived for too long; the upload can be resumed');
  }
}
