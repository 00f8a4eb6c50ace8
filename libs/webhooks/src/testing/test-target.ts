import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as a target got it. */
export interface ReceivedMessage {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answering = (message: ReceivedMessage, response: ServerResponse, request: IncomingMessage) => void;

/** A webhook receiver of a test's own, over real HTTP, whose manners can be changed. */
export class TestTarget {
  readonly received: ReceivedMessage[] = [];
  /** 200 unless a test says otherwise. */
  answer: Answering = (_, response) => void response.end('ok');

  private constructor(private readonly server: Server) {}

  static async start(): Promise<TestTarget> {
    const server = createServer();
    const target = new TestTarget(server);
    server.on('request', (request, response) => void target.take(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return target;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  /** Bodies, parsed. */
  get bodies(): unknown[] {
    return this.received.map(({ body }) => JSON.parse(body) as unknown);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    if (this.server.listening) await once(this.server, 'close');
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const message = { headers: request.headers, body: Buffer.concat(chunks).toString() };
    this.received.push(message);
    this.answer(message, response, request);
  }
}

export const answering = (status: number, headers: Record<string, string> = {}): Answering => {
  return (_, response) => void response.writeHead(status, headers).end('no');
};

/** Takes the message and never says a word. */
export const hanging: Answering = () => undefined;
