import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { BlobContent } from './content.js';
import { closing, UploadSession } from './upload-session.js';
import type { UserTools } from './user-tools.js';

const TRIES = 8;
const PAUSE_MS = 150;

/** Gets blobs into a repository, by all the ways that clients have. */
export class BlobSender {
  constructor(
    private readonly tools: UserTools,
    private readonly random: Random,
    /** Repositories from which a blob may be mounted. */
    private readonly sources: readonly string[],
  ) {}

  /** @returns whether the registry said that it has the blob. */
  async send(repository: string, blob: BlobContent): Promise<boolean> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (await this.tryOnce(repository, blob)) return true;
      await delay(PAUSE_MS);
    }
    return false;
  }

  /** Asks whether it is still there, and sends it again when it is not. */
  async sendUnlessThere(repository: string, blob: BlobContent): Promise<boolean> {
    return (await this.see(repository, blob)) || this.send(repository, blob);
  }

  /** Sends something that will never be finished, or not by this digest. */
  async waste(repository: string, blob: BlobContent): Promise<void> {
    const opened = await this.open(repository);
    if (opened === null) return;
    const { location } = opened;
    const breakAfterBytes = this.random.int(0, blob.bytes.length);
    if (this.random.chance(0.5)) await this.tools.ask('PATCH', location, { body: blob.bytes, breakAfterBytes });
    else await this.tools.ask('PATCH', location, { body: blob.bytes });
    const end = this.random.int(0, 3);
    if (end === 0) await this.tools.ask('DELETE', location);
    if (end === 1) {
      const wrong = `sha256:${'0'.repeat(64)}`;
      const refused = await this.tools.ask('PUT', closing(location, wrong));
      this.tools.findings.require(refused?.status !== 201, () => `${location}: took a wrong digest`);
    }
  }

  private tryOnce(repository: string, blob: BlobContent): Promise<boolean> {
    const way = this.random.int(0, 10);
    if (way < 3) return this.see(repository, blob);
    if (way < 5) return this.mount(repository, blob);
    if (way < 7) return this.sendWhole(repository, blob);
    return this.sendInChunks(repository, blob);
  }

  /** What is there need not be sent. */
  private async see(repository: string, blob: BlobContent): Promise<boolean> {
    const since = performance.now();
    const answer = await this.tools.ask('HEAD', `/v2/${repository}/blobs/${blob.digest}`);
    if (answer?.status !== 200) return answer !== null && this.sendWhole(repository, blob);
    this.tools.promises.seen(repository, blob.digest, since);
    return true;
  }

  private async mount(repository: string, blob: BlobContent): Promise<boolean> {
    const since = performance.now();
    const from = this.random.chance(0.8) ? `&from=${this.random.pick(this.sources)}` : '';
    const answer = await this.tools.ask('POST', `/v2/${repository}/blobs/uploads/?mount=${blob.digest}${from}`);
    if (answer?.status === 201) return this.isStored(repository, blob, since);
    if (answer?.status !== 202) return false;
    return this.goOn(repository, blob, answer.headers.location ?? '', since);
  }

  private async sendWhole(repository: string, blob: BlobContent): Promise<boolean> {
    const since = performance.now();
    const target = `/v2/${repository}/blobs/uploads/?digest=${blob.digest}`;
    const breaks = this.random.chance(0.1) ? { breakAfterBytes: this.random.int(0, blob.bytes.length) } : {};
    const answer = await this.tools.ask('POST', target, { body: blob.bytes, ...breaks });
    return answer?.status === 201 && this.isStored(repository, blob, since);
  }

  private async sendInChunks(repository: string, blob: BlobContent): Promise<boolean> {
    const opened = await this.open(repository);
    return opened !== null && this.goOn(repository, blob, opened.location, opened.openedAtMs);
  }

  private async open(repository: string): Promise<{ readonly location: string; readonly openedAtMs: number } | null> {
    const openedAtMs = performance.now();
    const answer = await this.tools.ask('POST', `/v2/${repository}/blobs/uploads/`);
    return answer?.status === 202 ? { location: answer.headers.location ?? '', openedAtMs } : null;
  }

  private async goOn(repository: string, blob: BlobContent, location: string, openedAtMs: number): Promise<boolean> {
    const session = new UploadSession(this.tools, this.random, location, blob, openedAtMs);
    // The lease begins with the commit, which comes after everything that is counted here.
    const since = performance.now();
    return (await session.send()) !== null && this.isStored(repository, blob, since);
  }

  private isStored(repository: string, blob: BlobContent, since: number): true {
    this.tools.promises.stored(repository, blob.digest, since);
    return true;
  }
}
