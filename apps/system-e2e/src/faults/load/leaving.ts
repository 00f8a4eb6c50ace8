import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface LeavingRequest {
  readonly port: number;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is sent of the body before the client is gone. */
  readonly body?: Buffer;
  /** Read of the answer before the client is gone. */
  readonly readBytes?: number;
  /** By a reset instead of an orderly end. */
  readonly isReset: boolean;
}

/** A client that goes away in the middle: of what it sends, or of what it is sent. */
export async function leaveHalfWay(request: LeavingRequest): Promise<void> {
  const socket = connect({ port: request.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const { pathname, search } = new URL(request.target, 'http://relative');
  const lines = [
    `${request.method} ${pathname}${search} HTTP/1.1`,
    'Host: registry',
    ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
  ];
  await write(socket, Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  if (request.body !== undefined) await write(socket, request.body);
  if (request.readBytes !== undefined) await read(socket, request.readBytes);
  if (request.isReset) socket.resetAndDestroy();
  else socket.destroy();
}

/** Resolves when the kernel has it, or when nobody is there any more. */
function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((done) => {
    socket.once('close', done);
    socket.write(bytes, () => done());
  });
}

async function read(socket: Socket, bytes: number): Promise<void> {
  let received = 0;
  for await (const chunk of socket) {
    received += (chunk as Buffer).length;
    if (received >= bytes) return;
  }
}
