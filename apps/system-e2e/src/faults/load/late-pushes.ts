import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { BlobSender } from './blob-sender.js';
import type { ArtifactContent, ContentMaker } from './content.js';
import type { RepositoryLedger } from './ledger.js';
import type { ManifestPusher } from './manifest-pusher.js';
import type { UserTools } from './user-tools.js';

const AT_ONCE = 12;
const LONGEST_PAUSE_MS = 600;

/**
 * Pushes whose manifests come when their blobs are about to be forgotten. Around the end of a lease the collector is
 * at work, and whoever asks for a blob just then and is told that it is there has been promised some more time.
 */
export class LatePushes {
  private begun: { readonly ledger: RepositoryLedger; readonly content: ArtifactContent; readonly dueAtMs: number }[] =
    [];

  constructor(
    private readonly pusher: ManifestPusher,
    private readonly sender: BlobSender,
    private readonly options: { readonly random: Random; readonly content: ContentMaker; readonly tools: UserTools },
  ) {}

  async begin(ledger: RepositoryLedger): Promise<void> {
    const { random, content, tools } = this.options;
    const contents = Array.from({ length: AT_ONCE }, () => content.tinyImage(random));
    const leaseMs = tools.blobLeaseSeconds * 1000;
    await Promise.all(
      contents.map(async (each) => {
        if (!(await this.pusher.sendAll(ledger, each.blobs))) return;
        const dueAtMs = performance.now() + leaseMs * (0.7 + 0.5 * random.next());
        this.begun.push({ ledger, content: each, dueAtMs });
      }),
    );
  }

  /** All that are due are asked for at once, and pushed one after the other: so the order of the answers is certain. */
  async endDue(): Promise<void> {
    const now = performance.now();
    const due = this.begun.filter(({ dueAtMs }) => dueAtMs < now);
    if (due.length === 0) return;
    this.begun = this.begun.filter(({ dueAtMs }) => dueAtMs >= now);
    const isThere = await Promise.all(due.map(({ ledger, content }) => this.ask(ledger, content)));
    await delay(this.options.random.int(0, LONGEST_PAUSE_MS));
    for (const [index, { ledger, content }] of due.entries())
      if (isThere[index] === true) await this.pusher.pushManifest(ledger, content, null);
  }

  private async ask(ledger: RepositoryLedger, content: ArtifactContent): Promise<boolean> {
    const sent = await Promise.all(content.blobs.map((blob) => this.sender.sendUnlessThere(ledger.name, blob)));
    return sent.every(Boolean);
  }
}
