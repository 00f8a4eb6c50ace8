import type { ArtifactContent, BlobContent } from './content.js';
import type { Heard, Said, Wire } from './wire.js';

/** What suites push by hand, step by step, where every answer is known beforehand. */
export class Pushing {
  constructor(
    private readonly wire: Wire,
    private readonly port: number,
    readonly repository: string,
  ) {}

  /** @throws Error  anything but 201. */
  async artifact(content: ArtifactContent, reference: string): Promise<void> {
    for (const blob of content.blobs) await this.blob(blob);
    const headers = { 'content-type': content.mediaType };
    const target = `/v2/${this.repository}/manifests/${reference}`;
    expectStatus(await this.ask('PUT', target, { body: content.bytes, headers }), 201);
  }

  async blob({ digest, bytes }: BlobContent): Promise<void> {
    const target = `/v2/${this.repository}/blobs/uploads/?digest=${digest}`;
    expectStatus(await this.ask('POST', target, { body: bytes }), 201);
  }

  /** @returns where the new session goes on. */
  async session(): Promise<string> {
    const answer = await this.ask('POST', `/v2/${this.repository}/blobs/uploads/`);
    expectStatus(answer, 202);
    return answer?.headers.location ?? '';
  }

  /** A chunk that continues the session at `at`. */
  chunk(location: string, at: number, body: Buffer): Promise<Heard | null> {
    return this.ask('PATCH', location, { body, headers: { 'content-range': `${at}-${at + body.length - 1}` } });
  }

  /** How many bytes the registry says that it has of the session. */
  async received(location: string): Promise<number> {
    const answer = await this.ask('GET', location);
    expectStatus(answer, 204);
    const last = Number(/^0-(\d+)$/.exec(answer?.headers.range ?? '')?.[1]);
    return last === 0 ? 0 : last + 1;
  }

  ask(method: string, target: string, said: Said = {}): Promise<Heard | null> {
    return this.wire.ask([this.port], method, target, said);
  }
}

function expectStatus(answer: Heard | null, status: number): void {
  if (answer?.status !== status)
    throw new Error(`expected ${status}, got ${answer?.status ?? 'no answer'}: ${answer?.body.toString() ?? ''}`);
}
