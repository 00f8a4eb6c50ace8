import { connect } from 'node:net';
import { basic, type Credentials } from '../system/api.js';

export interface CutRequest {
  readonly method: 'PATCH' | 'PUT';
  readonly url: URL;
  readonly who: Credentials;
  /** All that was promised. */
  readonly body: Buffer;
  /** Where the connection breaks. */
  readonly sentBytes: number;
  readonly isStreamed: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Resolves once the server is at it: before that there is nothing to break off. */
  readonly hasBegun: () => Promise<void>;
}

/**
 * Begins a request and breaks the connection in the middle of its body, as a client does that loses its network or is
 * killed. Resolves once the connection is gone here; the server may learn of it later. It has begun by then, or else it
 * would begin in the midst of what comes next.
 */
export function sendAndBreakOff({
  method,
  url,
  who,
  body,
  sentBytes,
  isStreamed,
  headers = {},
  hasBegun,
}: CutRequest): Promise<void> {
  const length = isStreamed ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
  const others = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    `Authorization: ${basic(who)}`,
    'Content-Type: application/octet-stream',
    ...[length, ...others],
  ];
  const sent = body.subarray(0, sentBytes);
  return new Promise<void>((resolve, failed) => {
    const done = (): void => resolve();
    const socket = connect(Number(url.port), url.hostname);
    socket.once('error', failed);
    socket.once('close', done);
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    if (isStreamed && sent.length > 0) socket.write(`${sent.length.toString(16)}\r\n`);
    // Only once the kernel has it all: a reset throws away what it has not sent.
    socket.write(sent, () => {
      hasBegun().then(
        () => socket.resetAndDestroy(),
        (error: Error) => {
          socket.off('close', done).destroy();
          failed(error);
        },
      );
    });
  });
}
