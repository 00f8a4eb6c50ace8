import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

export interface PassedRequest {
  readonly method: string;
  readonly path: string;
  /** 0 until it is answered. */
  readonly status: number;
  /** Of the request, as far as it has come. */
  readonly bodyBytes: number;
}

/**
 * Hands each request to the next target in turn, whatever connection it came on: the hardest thing that a balancer can
 * do to uploads. Streams both ways and keeps nothing.
 */
export class RoundRobinProxy {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server: Server;
  /** Requests that each target got, in their order. */
  readonly served: number[];
  /** Requests that were answered here. */
  refused = 0;
  /** What has passed, in the order of its beginning. */
  readonly seen: PassedRequest[] = [];
  private turn = 0;

  /**
   * @param targets  ports of this machine. Read with each request: a replica may come back on another one.
   * @param refuse  a status for what is not to be passed on, as a proxy with limits of its own has it.
   */
  constructor(
    private readonly targets: readonly number[],
    private readonly refuse: (request: IncomingMessage) => number | null = () => null,
  ) {
    this.served = targets.map(() => 0);
    this.server = createServer((request, response) => void this.pass(request, response));
    // A push may take its time.
    this.server.requestTimeout = 0;
  }

  listen(): Promise<string> {
    return new Promise((done, failed) => {
      this.server.once('error', failed);
      this.server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`));
    });
  }

  close(): Promise<void> {
    this.agent.destroy();
    return new Promise((done) => {
      this.server.close(() => done());
      this.server.closeAllConnections();
    });
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.refuse(request);
    if (refusal !== null) {
      this.refused++;
      request.resume().once('end', () => response.writeHead(refusal).end());
      return;
    }
    const index = this.turn++ % this.targets.length;
    this.served[index] = (this.served[index] ?? 0) + 1;
    const { method = '', url: path = '', rawHeaders: headers } = request;
    const passed = { method, path, status: 0, bodyBytes: 0 };
    this.seen.push(passed);
    request.on('data', (chunk: Buffer) => (passed.bodyBytes += chunk.length));
    const onward = httpRequest({
      host: '127.0.0.1',
      port: this.targets[index],
      method,
      path,
      headers,
      agent: this.agent,
    });
    const answered = new Promise<IncomingMessage>((done, failed) => {
      onward.once('response', done);
      onward.once('error', failed);
    });
    // Fails when the target answers without having read everything: its answer counts.
    pipeline(request, onward).catch(() => request.resume());
    response.once('close', () => onward.destroy());
    try {
      const answer = await answered;
      passed.status = answer.statusCode ?? 0;
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      await pipeline(answer, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { 'content-type': 'text/plain' }).end(String(error));
    }
  }
}
