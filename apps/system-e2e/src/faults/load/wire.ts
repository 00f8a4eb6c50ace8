import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Heard {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Said {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Breaks the connection once so many bytes of the body are sent. The length that was announced stays. */
  readonly breakAfterBytes?: number;
}

/** Much longer than anything that the product waits for by itself, and than a busy machine makes of it. */
const PATIENCE_MS = 120_000;

/**
 * HTTP as one user speaks it who expects nothing of the other side: whatever breaks a request, before or after it was
 * heard, is the answer null. Nobody knows then what became of it.
 */
export class Wire {
  /** Requests that were neither answered nor broken off: somebody lives and says nothing. */
  silences = 0;
  asked = 0;
  unanswered = 0;
  /** How long the slowest answer took, in milliseconds: from when the request had a connection to be sent on. */
  longestMs = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 32 });

  constructor(private readonly authorization: string) {}

  /**
   * @param ports  where to, the first that takes the connection: as behind a balancer.
   * @param target  a path, or a `Location` as it came.
   */
  async ask(ports: readonly number[], method: string, target: string, said: Said = {}): Promise<Heard | null> {
    this.asked++;
    for (const port of ports) {
      const heard = await this.askOne(port, method, target, said);
      if (heard !== REFUSED && heard !== null) return heard;
      if (heard === null) break;
    }
    this.unanswered++;
    return null;
  }

  close(): void {
    this.agent.destroy();
  }

  private askOne(port: number, method: string, target: string, said: Said): Promise<Heard | null | typeof REFUSED> {
    const { pathname, search } = new URL(target, 'http://relative');
    const headers: Record<string, string> = { authorization: this.authorization, ...said.headers };
    if (said.body !== undefined || /^(POST|PUT|PATCH)$/.test(method))
      headers['content-length'] = String(said.body?.length ?? 0);
    return new Promise((done) => {
      const options = { host: '127.0.0.1', port, method, path: pathname + search, headers, agent: this.agent };
      let startedAtMs = performance.now();
      let isAnswered = false;
      const request = httpRequest(options, (response) => {
        isAnswered = true;
        const { statusCode: status = 0, headers } = response;
        buffer(response).then(
          (body) => settle({ status, headers, body }),
          () => settle(null),
        );
      });
      let patience: NodeJS.Timeout | undefined;
      // Not what it waited here for one of the agent's connections: the other side knows nothing of that.
      request.once('socket', () => {
        startedAtMs = performance.now();
        patience = setTimeout(() => {
          this.silences++;
          request.destroy();
        }, PATIENCE_MS);
      });
      const settle = (heard: Heard | null | typeof REFUSED): void => {
        clearTimeout(patience);
        this.longestMs = Math.max(this.longestMs, performance.now() - startedAtMs);
        done(heard);
      };
      request.on('error', (error: NodeJS.ErrnoException) => settle(error.code === 'ECONNREFUSED' ? REFUSED : null));
      request.on('close', () => isAnswered || settle(null));
      if (said.breakAfterBytes === undefined) request.end(said.body);
      else request.write(said.body?.subarray(0, said.breakAfterBytes) ?? '', () => request.destroy());
    });
  }
}

/** Nobody listens there: nothing was sent. */
const REFUSED = Symbol('refused');

/** For a finding: what came instead of what was expected. */
export function textOf({ status, body }: Heard): string {
  return `${status} ${body.toString().slice(0, 300)}`;
}
