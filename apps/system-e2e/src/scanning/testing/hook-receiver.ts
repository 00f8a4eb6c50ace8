import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HookMessage {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** `PUSH_ARTIFACT`, `SCANNING_COMPLETED`, … */
  readonly type: string;
  /** Of the first artifact that it tells of. */
  readonly digest: string;
  readonly event: HookEvent;
}

/** Harbor's default payload, as far as the suites look. */
export interface HookEvent {
  readonly type: string;
  readonly operator: string;
  readonly event_data: {
    readonly resources: readonly { readonly digest: string; readonly scan_overview?: object }[];
    readonly repository: { readonly name: string; readonly namespace: string };
  };
}

/** Somebody who is told of things, over real HTTP. */
export class HookReceiver {
  readonly received: HookMessage[] = [];
  /** 200 unless a test says otherwise. */
  answer: (response: ServerResponse) => void = (response) => void response.end();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<HookReceiver> {
    const server = createServer();
    const receiver = new HookReceiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const event = JSON.parse(body) as HookEvent;
        const digest = event.event_data.resources[0]?.digest ?? '';
        receiver.received.push({ headers: request.headers, body, type: event.type, digest, event });
        receiver.answer(response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  about(digest: string, type?: string): HookMessage[] {
    return this.received.filter((each) => each.digest === digest && (type ?? each.type) === each.type);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** As a receiver checks it: docs/features/webhooks.md, "Is it from us?". */
export function isSigned({ headers, body }: HookMessage, secret: string): boolean {
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-breakwater-signature-256'])) ?? [];
  return v1 === createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
}
