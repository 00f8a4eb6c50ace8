import type { IncomingMessage, ServerResponse } from 'node:http';
import { announcesBody } from './request-body.js';

/** A body remainder of at most this much is cheaper to read than a new connection is to open. */
const KEEP_ALIVE_REMAINDER_BYTES = 256 * 1024;
/** How much of a refused body is read and thrown away so that the client gets to see the refusal, … */
const LINGER_BYTES = 128 * 1024 * 1024;
/** … and for how long. */
const LINGER_MS = 30_000;

/** What becomes of the connection when the answer is sent before the request's body was read. */
export type Afterwards =
  /** Nothing is left to read, or so little that it is read: the next request may follow. */
  | 'keep'
  /** Much is left: answer with `Connection: close`, read on for a bounded while, then hang up. */
  | 'linger'
  /** The client does not send what is left: answer with `Connection: close` and hang up. */
  | 'hang-up';

export function afterwards(request: IncomingMessage, awaitsContinue: boolean): Afterwards {
  if (request.complete || !announcesBody(request)) return 'keep';
  // The client may or may not send the body that it was not asked for; only a closed connection is unambiguous.
  if (awaitsContinue) return 'linger';
  const length = Number(request.headers['content-length'] ?? Infinity);
  return length <= KEEP_ALIVE_REMAINDER_BYTES ? 'keep' : 'linger';
}

/**
 * Ends an answer whose head and body are already written.
 *
 * HTTP/1.1 clients that are still sending see a reset instead of the answer when the connection is closed under
 * unread bytes, so these are read first: up to LINGER_BYTES, for up to LINGER_MS.
 */
export function endAfterBody(request: IncomingMessage, response: ServerResponse, how: Afterwards): void {
  if (how === 'hang-up' || request.readableEnded || request.destroyed) {
    response.end();
    return;
  }
  if (request.complete) {
    response.end();
    request.resume();
    return;
  }
  if (how === 'keep') response.end();
  readAway(request, how === 'keep' ? Infinity : LINGER_BYTES, (isComplete) => {
    if (how === 'linger') response.end();
    else if (!isComplete) request.destroy();
  });
}

/** Reads and drops the rest of a body. */
function readAway(request: IncomingMessage, maxBytes: number, whenDone: (isComplete: boolean) => void): void {
  let left = maxBytes;
  const onData = (chunk: Buffer): void => {
    left -= chunk.length;
    if (left <= 0) done();
  };
  const done = (): void => {
    clearTimeout(timer);
    request.off('data', onData).off('end', done).off('close', done);
    whenDone(request.complete);
  };
  const timer = setTimeout(done, LINGER_MS).unref();
  request.on('data', onData).on('end', done).on('close', done).on('error', ignore);
  request.resume();
}

function ignore(): void {
  // A reset while lingering: the client has seen enough.
}
