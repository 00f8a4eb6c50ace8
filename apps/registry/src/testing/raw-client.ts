import { connect, type Socket } from 'node:net';

/** An HTTP/1.1 answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly reason: string;
  /** Names in lower case; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/**
 * A client that writes exactly the bytes it is told to: what HTTP libraries would clean up or refuse to send is what
 * the tests are about.
 */
export class RawClient {
  private received = Buffer.alloc(0);
  private wake: () => void = () => undefined;
  private hasEnded = false;
  private failure: Error | null = null;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    socket.on('end', () => this.end(null));
    socket.on('close', () => this.end(null));
    socket.on('error', (error) => this.end(error));
  }

  static async to(port: number, options: { readonly allowHalfOpen?: boolean } = {}): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...options });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket);
  }

  /** Resolves when the bytes are handed to the kernel, or when the connection is gone. */
  send(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** @param lines  request line and headers, without line ends. */
  sendHead(...lines: readonly string[]): Promise<void> {
    return this.send(`${[...lines, '', ''].join('\r\n')}`);
  }

  /** The next answer; a HEAD has no body whatever its length says. Interim answers (1xx) are answers too. */
  async answer(options: { readonly isHead?: boolean } = {}): Promise<RawAnswer> {
    const head = (await this.take(() => endOf(this.received, '\r\n\r\n'))).toString('latin1');
    const [statusLine = '', ...lines] = head.trimEnd().split('\r\n');
    const [, status = '', reason = ''] = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(statusLine) ?? [];
    const rawHeaders = lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
    const headers: Record<string, string> = {};
    for (const [name, value] of rawHeaders) headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    const hasBody = options.isHead !== true && !/^(1..|204|304)$/.test(status);
    const body = hasBody ? await this.body(headers) : Buffer.alloc(0);
    return { status: Number(status), reason, headers, rawHeaders, body };
  }

  /** Resolves once the server has closed its side. @throws Error  what came before that. */
  async ended(): Promise<void> {
    while (!this.hasEnded) await this.moreBytes();
    if (this.failure !== null) throw this.failure;
  }

  get unread(): Buffer {
    return this.received;
  }

  /** Takes nothing more from the kernel: soon the server cannot send either. */
  stopReading(): void {
    this.socket.pause();
  }

  startReading(): void {
    this.socket.resume();
  }

  /** Hangs up without a good-bye. */
  abort(): void {
    this.socket.resetAndDestroy();
  }

  close(): void {
    this.socket.destroy();
  }

  private async body(headers: Readonly<Record<string, string>>): Promise<Buffer> {
    if (headers['transfer-encoding'] === 'chunked') return this.chunkedBody();
    const length = headers['content-length'];
    if (length !== undefined) return this.take(() => (this.received.length >= Number(length) ? Number(length) : -1));
    await this.ended();
    return this.take(() => this.received.length);
  }

  private async chunkedBody(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (;;) {
      const line = (await this.take(() => endOf(this.received, '\r\n'))).toString('latin1');
      const size = parseInt(line, 16);
      const chunk = await this.take(() => (this.received.length >= size + 2 ? size + 2 : -1));
      if (size === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, size));
    }
  }

  /** @param lengthOf  how many bytes to take; -1 while there are not enough. */
  private async take(lengthOf: () => number): Promise<Buffer> {
    for (;;) {
      const length = lengthOf();
      if (length >= 0) {
        const taken = this.received.subarray(0, length);
        this.received = this.received.subarray(length);
        return taken;
      }
      if (this.hasEnded) throw this.failure ?? new Error(`connection closed after ${this.received.toString('latin1')}`);
      await this.moreBytes();
    }
  }

  private moreBytes(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  private end(failure: Error | null): void {
    this.failure ??= failure;
    this.hasEnded = true;
    this.wake();
  }
}

function endOf(bytes: Buffer, mark: string): number {
  const index = bytes.indexOf(mark);
  return index < 0 ? -1 : index + mark.length;
}
