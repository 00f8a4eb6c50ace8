import type { Random } from '../random.js';
import { BlobSender } from './blob-sender.js';
import { digestOf, type ArtifactContent, type ContentMaker } from './content.js';
import { RepositoryLedger, type KnownArtifact } from './ledger.js';
import { LatePushes } from './late-pushes.js';
import { ManifestPusher } from './manifest-pusher.js';
import type { UserTools } from './user-tools.js';
import { textOf } from './wire.js';

export interface RawUserOptions {
  readonly tools: UserTools;
  readonly random: Random;
  readonly content: ContentMaker;
  /** Only this user writes there. */
  readonly repositories: readonly string[];
  /** Where other users write. */
  readonly others: readonly string[];
}

export const TAGS: readonly string[] = ['1', '2', '3', 'latest'];

/**
 * One user at a time of some repositories, who does all that the data plane offers, remembers every answer, and says
 * so when a later answer contradicts an earlier one.
 */
export class RawUser {
  readonly ledgers: readonly RepositoryLedger[];
  private readonly sender: BlobSender;
  private readonly pusher: ManifestPusher;
  private readonly late: LatePushes;

  constructor(private readonly options: RawUserOptions) {
    this.ledgers = options.repositories.map((name) => new RepositoryLedger(name));
    const sources = [...options.others, ...options.repositories];
    this.sender = new BlobSender(options.tools, options.random, sources);
    this.pusher = new ManifestPusher(options.tools, this.sender);
    this.late = new LatePushes(this.pusher, this.sender, options);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { random } = this.options;
    while (!signal.aborted) {
      await this.late.endDue();
      const ledger = random.pick(this.ledgers);
      const what = random.int(0, 100);
      if (what < 25) await this.pushImage(ledger);
      else if (what < 40) await this.late.begin(ledger);
      else if (what < 52) await this.pushIndex(ledger);
      else if (what < 70) await this.pull(ledger);
      else if (what < 78) await this.deleteTag(ledger);
      else if (what < 88) await this.deleteArtifact(ledger);
      else if (what < 94) await this.deleteBlob(ledger);
      else await this.sender.waste(ledger.name, random.pick(this.newImage().blobs));
    }
  }

  private newImage(): ArtifactContent {
    return this.options.content.image(this.options.random);
  }

  private async pushImage(ledger: RepositoryLedger): Promise<void> {
    // Sometimes what was there before: pushed again, or brought back from the trash.
    const { random } = this.options;
    const known = [...ledger.artifacts.values()].map(({ content }) => content).filter(isImage);
    const content = known.length > 0 && random.chance(0.2) ? random.pick(known) : this.newImage();
    await this.pusher.push(ledger, content, random.chance(0.85) ? random.pick(TAGS) : null);
  }

  private async pushIndex(ledger: RepositoryLedger): Promise<void> {
    const { random, content } = this.options;
    const images = ledger
      .present()
      .map((known) => known.content)
      .filter(isImage);
    if (images.length < 2) return;
    const index = content.index(random.shuffled(images).slice(0, 2), random);
    await this.pusher.pushManifest(ledger, index, random.pick(TAGS));
  }

  /** What was acknowledged is there at every moment, whole, on every replica. */
  private async pull(ledger: RepositoryLedger): Promise<void> {
    const { tools, random } = this.options;
    await this.checkTag(ledger, random.pick(TAGS));
    const present = ledger.present();
    if (present.length === 0) return;
    const { content } = random.pick(present);
    const manifest = await tools.ask('GET', `/v2/${ledger.name}/manifests/${content.digest}`);
    if (manifest === null) return;
    tools.findings.require(
      manifest.status === 200 && manifest.body.equals(content.bytes),
      () => `${ledger.name}@${content.digest} was pushed and is now ${textOf(manifest)}`,
    );
    if (content.blobs.length === 0) return;
    const blob = random.pick(content.blobs);
    const answer = await tools.ask('GET', `/v2/${ledger.name}/blobs/${blob.digest}`);
    if (answer === null) return;
    tools.findings.require(
      answer.status === 200 && digestOf(answer.body) === blob.digest,
      () =>
        `${ledger.name}@${content.digest}: its blob ${blob.digest} is ${answer.status}, ${answer.body.length} bytes`,
    );
  }

  private async checkTag(ledger: RepositoryLedger, tag: string): Promise<void> {
    const { tools } = this.options;
    const answer = await tools.ask('HEAD', `/v2/${ledger.name}/manifests/${tag}`);
    if (answer === null) return;
    const possible = ledger.pointsTo(tag);
    const digest = answer.status === 404 ? null : String(answer.headers['docker-content-digest']);
    tools.findings.require(
      possible.has(digest),
      () => `${ledger.name}:${tag} points to ${digest} (${answer.status}) instead of ${[...possible].join(' or ')}`,
    );
  }

  private async deleteTag(ledger: RepositoryLedger): Promise<void> {
    const { tools, random } = this.options;
    const tag = random.pick(TAGS);
    const answer = await tools.ask('DELETE', `/v2/${ledger.name}/manifests/${tag}`);
    if (answer === null) ledger.maybeTagDeleted(tag);
    else if (answer.status === 202) ledger.tagDeleted(tag);
    else
      tools.findings.require(
        answer.status === 404 && ledger.pointsTo(tag).has(null),
        () => `DELETE of ${ledger.name}:${tag}: ${textOf(answer)}`,
      );
  }

  private async deleteArtifact(ledger: RepositoryLedger): Promise<void> {
    const { tools, random } = this.options;
    const known = [...ledger.artifacts.values()].filter(({ presence }) => presence !== 'absent');
    if (known.length === 0) return;
    const artifact = random.pick(known);
    const { digest } = artifact.content;
    const answer = await tools.ask('DELETE', `/v2/${ledger.name}/manifests/${digest}`);
    if (answer === null) ledger.maybeArtifactDeleted(digest);
    else if (answer.status === 202) ledger.artifactDeleted(digest);
    else if (answer.status === 404 && artifact.presence === 'unknown') ledger.isAbsent(digest);
    else
      tools.findings.require(
        answer.status === 412 && mayBeHeld(ledger, artifact),
        () => `DELETE of ${ledger.name}@${digest}: ${textOf(answer)}`,
      );
  }

  private async deleteBlob(ledger: RepositoryLedger): Promise<void> {
    const { tools, random } = this.options;
    const artifacts = [...ledger.artifacts.values()].filter(({ content }) => isImage(content));
    if (artifacts.length === 0) return;
    const { digest } = random.pick(random.pick(artifacts).content.blobs);
    tools.promises.forget(ledger.name, digest);
    const answer = await tools.ask('DELETE', `/v2/${ledger.name}/blobs/${digest}`);
    if (answer?.status !== 202) return;
    const holder = ledger.present().find(({ content }) => content.blobs.some((blob) => blob.digest === digest));
    tools.findings.require(
      holder === undefined,
      () => `${ledger.name}: ${digest} was deleted although ${holder?.content.digest} needs it`,
    );
  }
}

function isImage(content: ArtifactContent): boolean {
  return content.blobs.length > 0;
}

function mayBeHeld(ledger: RepositoryLedger, { content }: KnownArtifact): boolean {
  return [...ledger.artifacts.values()].some(
    (other) => other.presence !== 'absent' && other.content.children.some((child) => child.digest === content.digest),
  );
}
