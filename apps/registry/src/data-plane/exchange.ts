import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../access/caller.js';
import { afterwards, endAfterBody, type Afterwards } from '../server/linger.js';
import { announcesBody, RequestBody } from '../server/request-body.js';

/** Of the whole process, as every exchange sees it. */
export interface ExchangeSettings {
  readonly bodyIdleTimeoutMs: number;
  /** Shutting down: the answer is the last one of its connection. */
  readonly isDraining: () => boolean;
  /** Told of every piece of every body. */
  readonly onBodyBytes: (count: number) => void;
}

/**
 * One request and its one answer. Made for every request of the hot path, so it holds fields and makes nothing that is
 * not asked for.
 */
export class Exchange {
  readonly startedAt = performance.now();
  /** 0 until answered; CLIENT_CLOSED when nobody was left to be answered. */
  status = 0;
  receivedBytes = 0;
  sentBytes = 0;
  caller: Caller | null = null;
  private reader: RequestBody | null = null;
  private aborter: AbortController | null = null;
  private hangsUp = false;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly requestId: string,
    /** The client asked `Expect: 100-continue` and holds its body back. */
    readonly awaitsContinue: boolean,
    private readonly settings: ExchangeSettings,
  ) {}

  get isHead(): boolean {
    return this.request.method === 'HEAD';
  }

  get hasBody(): boolean {
    return announcesBody(this.request);
  }

  /** The request's body; from the first read on the client is told to send it. The same one at every call. */
  body(): RequestBody {
    return (this.reader ??= new RequestBody(this.request, this.response, {
      idleTimeoutMs: this.settings.bodyIdleTimeoutMs,
      awaitsContinue: this.awaitsContinue,
      onBytes: (count) => {
        this.receivedBytes += count;
        this.settings.onBodyBytes(count);
      },
    }));
  }

  /** Aborted when the client hangs up before its answer. */
  get signal(): AbortSignal {
    if (this.aborter === null) {
      const aborter = new AbortController();
      this.aborter = aborter;
      // Not after a whole answer: nobody listens any more, and the reason of an abort costs a stack trace.
      this.response.once('close', () => this.response.writableFinished || aborter.abort());
    }
    return this.aborter.signal;
  }

  /** Nobody is there any more to read an answer. */
  get isAbandoned(): boolean {
    return this.response.destroyed || this.response.socket === null || this.response.socket.destroyed;
  }

  /**
   * Answers. A `Content-Length` among the headers is taken as it is, which is how HEAD tells a length without bytes;
   * without one it is that of `body`.
   *
   * @param headers  flat: name, value, name, value.
   */
  reply(status: number, headers: readonly string[], body: Buffer | string | null = null): void {
    if (this.isAbandoned) {
      this.status = CLIENT_CLOSED;
      return;
    }
    this.status = status;
    const after = this.afterwards();
    const { response } = this;
    response.writeHead(status, this.allHeaders(headers, after !== 'keep'));
    if (body !== null && !this.isHead) {
      this.sentBytes += body.length;
      if (after === 'keep' && this.request.complete) {
        response.end(body);
        return;
      }
      response.write(body);
    } else if (after === 'linger') {
      response.flushHeaders();
    }
    endAfterBody(this.request, response, after);
  }

  /** The client has stopped sending: the answer ends the connection, and what is missing is not waited for. */
  hangUpAfterReply(): void {
    this.hangsUp = true;
  }

  /** Writes the head of an answer whose body a reader pipes into `response`. A client that stops reading is cut off. */
  startReply(status: number, headers: readonly string[]): void {
    this.status = status;
    this.response.setTimeout(this.settings.bodyIdleTimeoutMs);
    this.response.writeHead(status, this.allHeaders(headers, false));
  }

  private afterwards(): Afterwards {
    if (this.hangsUp) return 'hang-up';
    if (!this.hasBody) return 'keep';
    return afterwards(this.request, this.awaitsContinue && this.reader?.wasRead !== true);
  }

  private allHeaders(headers: readonly string[], isLast: boolean): string[] {
    const all = ['Docker-Distribution-API-Version', 'registry/2.0', 'X-Request-Id', this.requestId, ...headers];
    if (isLast || this.settings.isDraining()) all.push('Connection', 'close');
    return all;
  }
}

/** For metrics and the log: the client left before it was answered. Never sent. */
export const CLIENT_CLOSED = 499;
