import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TEST_CERTIFICATE, TEST_KEY } from './certificate.js';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server on this machine that remembers what it was asked. */
export class TestServer {
  readonly received: Received[] = [];
  readonly sockets = new Set<Socket>();
  mostSockets = 0;

  private constructor(
    private readonly server: Server,
    private readonly protocol: 'http' | 'https',
    private readonly host: string,
  ) {}

  static async start(
    listener: RequestListener,
    { isTls = false, host = '127.0.0.1', port = 0 } = {},
  ): Promise<TestServer> {
    const server = isTls ? createTlsServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }) : createServer();
    const started = new TestServer(server, isTls ? 'https' : 'http', host);
    server.on('connection', (socket: Socket) => started.remember(socket));
    server.on('request', (request: IncomingMessage, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        started.received.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
        void listener(request, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    return started;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path = '/', host = this.host): string {
    return `${this.protocol}://${host}:${this.port}${path}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private remember(socket: Socket): void {
    this.sockets.add(socket);
    this.mostSockets = Math.max(this.mostSockets, this.sockets.size);
    socket.once('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
  }
}
