import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/**
 * What to do to a request: let it pass; let it reach the server but lose the answer; or let only so many bytes of the
 * answer's body through.
 */
export type Interference = 'pass' | 'lose-answer' | { readonly cutAfterBytes: number };

export interface S3Proxy {
  readonly endpoint: string;
  readonly seen: SeenRequest[];
  interfere: (request: SeenRequest) => Interference;
  stop(): Promise<void>;
}

/** Stands between a store and its server, to watch and to be an unreliable network. */
export async function startS3Proxy(target: string): Promise<S3Proxy> {
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const entry = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers };
    seen.push(entry);
    forward(target, incoming, response, proxy.interfere(entry));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: S3Proxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    interfere: () => 'pass',
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function forward(
  target: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  interference: Interference,
): void {
  // The Host header goes along unchanged: it is part of the signature.
  const { method, headers, url = '/' } = incoming;
  const outgoing = request(new URL(url, target), { method, headers, agent: false, setHost: false }, (answer) => {
    if (interference === 'lose-answer') {
      answer.resume().once('end', () => response.destroy());
      return;
    }
    response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
    if (interference === 'pass') answer.pipe(response);
    else cutAnswer(answer, response, interference.cutAfterBytes);
  });
  outgoing.on('error', () => response.destroy());
  incoming.pipe(outgoing);
}

function cutAnswer(answer: IncomingMessage, response: ServerResponse, afterBytes: number): void {
  let left = afterBytes;
  answer.on('data', (chunk: Buffer) => {
    response.write(chunk.subarray(0, left), () => left <= 0 && response.destroy());
    left -= chunk.length;
  });
}
