import { AppError } from '@breakwater/errors';

/** The setting that opens the door for an internal address. */
export const ALLOW_SETTING = 'BREAKWATER_OUTBOUND_ALLOW';

/** What goes wrong when we call an address that a user configured. `detail` never has a header, a path or a query. */
export abstract class OutboundError extends AppError {
  /** Trying the same again later may help. */
  abstract readonly isRetryable: boolean;
}

/** The address is none that can be called, or a header none that can be sent. */
export class InvalidOutboundRequestError extends OutboundError {
  readonly code = 'OUTBOUND_REQUEST_INVALID';
  readonly kind = 'invalid';
  readonly isRetryable = false;
  constructor(reason: string) {
    super(`this cannot be sent: ${reason}`, { reason });
  }
}

/**
 * The address leads into this installation or its network, and nobody who runs it has allowed that. The addresses that
 * a name resolves to are not told: the user who configured it may be asking for them.
 */
export class OutboundAddressRefusedError extends OutboundError {
  readonly code = 'OUTBOUND_ADDRESS_REFUSED';
  readonly kind = 'invalid';
  readonly isRetryable = false;
  /** @param reason  what such addresses are, e.g. `loopback`. */
  constructor(
    readonly host: string,
    readonly reason: string,
  ) {
    super(
      `calls to ${host} are refused: it is ${reason}. If it is meant, an administrator can add the host name or its ` +
        `range to ${ALLOW_SETTING}`,
      { host, reason, setting: ALLOW_SETTING },
    );
  }
}

/** No connection, or it ended before the whole answer was there. */
export class OutboundUnreachableError extends OutboundError {
  readonly code = 'OUTBOUND_UNREACHABLE';
  readonly kind = 'unavailable';
  readonly isRetryable = true;
  /** @param reason  e.g. `connection refused`. */
  constructor(
    readonly host: string,
    readonly reason: string,
    options?: { cause?: unknown },
  ) {
    super(`${host} cannot be reached: ${reason}`, { host, reason }, options);
  }
}

export type TimeoutPhase = 'connect' | 'headers' | 'idle' | 'deadline';

/** It took longer than the caller was ready to wait. */
export class OutboundTimeoutError extends OutboundError {
  readonly code = 'OUTBOUND_TIMEOUT';
  readonly kind = 'unavailable';
  readonly isRetryable = true;
  constructor(
    readonly host: string,
    readonly phase: TimeoutPhase,
    readonly timeoutMs: number,
    options?: { cause?: unknown },
  ) {
    super(`${host} ${PHASE_TEXT[phase]} ${timeoutMs / 1000} s`, { host, phase, timeoutMs }, options);
  }
}

/** The answer is larger than the caller was ready to read. */
export class OutboundTooLargeError extends OutboundError {
  readonly code = 'OUTBOUND_TOO_LARGE';
  readonly kind = 'too-large';
  readonly isRetryable = false;
  constructor(
    readonly host: string,
    readonly maxBytes: number,
  ) {
    super(`the answer of ${host} is larger than ${maxBytes} bytes`, { host, maxBytes });
  }
}

/** The other side's certificate is not one to trust, or there is no common TLS. */
export class OutboundTlsError extends OutboundError {
  readonly code = 'OUTBOUND_TLS_FAILED';
  readonly kind = 'precondition';
  readonly isRetryable = false;
  /** @param reason  OpenSSL's word, e.g. `DEPTH_ZERO_SELF_SIGNED_CERT`. */
  constructor(
    readonly host: string,
    readonly reason: string,
    options?: { cause?: unknown },
  ) {
    super(
      `the TLS connection to ${host} failed (${reason}): give the certificate of its authority, or switch ` +
        'verification off for it',
      { host, reason },
      options,
    );
  }
}

/** What came back is no HTTP, or not what its own headers announce. */
export class OutboundBrokenAnswerError extends OutboundError {
  readonly code = 'OUTBOUND_BROKEN_ANSWER';
  readonly kind = 'unavailable';
  readonly isRetryable = true;
  constructor(
    readonly host: string,
    readonly reason: string,
    options?: { cause?: unknown },
  ) {
    super(`the answer of ${host} cannot be understood: ${reason}`, { host, reason }, options);
  }
}

/** More redirects than allowed, or one that cannot be followed. */
export class OutboundRedirectError extends OutboundError {
  readonly code = 'OUTBOUND_REDIRECT';
  readonly kind = 'invalid';
  readonly isRetryable = false;
  constructor(
    readonly host: string,
    readonly reason: string,
  ) {
    super(`${host} redirects, and ${reason}`, { host, reason });
  }
}

/** The caller's own signal ended the call; `cause` is the signal's reason. */
export class OutboundAbortedError extends OutboundError {
  readonly code = 'OUTBOUND_ABORTED';
  readonly kind = 'unavailable';
  readonly isRetryable = true;
  constructor(
    readonly host: string,
    options?: { cause?: unknown },
  ) {
    super(`the call to ${host} was given up`, { host }, options);
  }
}

const PHASE_TEXT: Readonly<Record<TimeoutPhase, string>> = {
  connect: 'did not accept a connection within',
  headers: 'did not begin to answer within',
  idle: 'stopped in its answer for',
  deadline: 'was not done within',
};
