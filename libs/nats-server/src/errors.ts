import { AppError } from '@breakwater/errors';

/** There is no nats-server on this machine. */
export class NatsServerMissingError extends AppError {
  readonly code = 'NATS_SERVER_MISSING';
  readonly kind = 'precondition';
  constructor(directories: readonly string[]) {
    super(
      `no nats-server in ${directories.join(', ')}: install it (Debian and Ubuntu: apt-get install nats-server) ` +
        'or point to a running one',
    );
  }
}

export class NatsPortInUseError extends AppError {
  readonly code = 'NATS_PORT_IN_USE';
  readonly kind = 'conflict';
  constructor(readonly port: number) {
    super(`nats-server cannot listen on port ${port}: it is in use`, { port });
  }
}

/** It did not come up, for a reason that only its own last words tell. */
export class NatsServerStartError extends AppError {
  readonly code = 'NATS_SERVER_START';
  readonly kind = 'unavailable';
  constructor(lastWords: string) {
    super(`nats-server did not start: ${lastWords.trim() || 'no output'}`);
  }
}
