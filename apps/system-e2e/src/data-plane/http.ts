import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Sends the body without a length, in several pieces. */
  readonly isStreamed?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As they came: name, value, name, value. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  json<T>(): T;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const PIECES = 3;

/** One request, exactly as told: no redirects followed, nothing decoded, no header added but a length. */
export function exchange(method: string, url: URL, { headers = {}, body, isStreamed = false }: Sent): Promise<Answer> {
  const all: Record<string, string> = { ...headers };
  if (isStreamed) all['transfer-encoding'] = 'chunked';
  else if (body !== undefined || !/^(GET|HEAD|DELETE)$/.test(method)) all['content-length'] = String(body?.length ?? 0);
  return new Promise((done, failed) => {
    const request = httpRequest(url, { method, headers: all, agent });
    request.once('error', failed);
    request.once('response', (response) => {
      const { statusCode = 0, rawHeaders } = response;
      buffer(response).then((bytes) => {
        const json = <T>(): T => JSON.parse(bytes.toString()) as T;
        done({ status: statusCode, headers: response.headers, rawHeaders, body: bytes, json });
      }, failed);
    });
    if (isStreamed) void writePieces(request, body ?? Buffer.alloc(0));
    else request.end(body);
  });
}

/** Connections that are kept would keep the process. */
export function closeConnections(): void {
  agent.destroy();
}

async function writePieces(into: NodeJS.WritableStream, body: Buffer): Promise<void> {
  const size = Math.ceil(body.length / PIECES) || 1;
  for (let at = 0; at < body.length; at += size) {
    into.write(body.subarray(at, at + size));
    await turn();
  }
  into.end();
}
