import type { BlobSender } from './blob-sender.js';
import type { ArtifactContent, BlobContent } from './content.js';
import type { RepositoryLedger } from './ledger.js';
import type { UserTools } from './user-tools.js';
import { textOf, type Heard } from './wire.js';

const TRIES = 4;

/** Pushes whole artifacts the way clients do: again while the answer is lost, and blobs again that are missing. */
export class ManifestPusher {
  constructor(
    private readonly tools: UserTools,
    private readonly sender: BlobSender,
  ) {}

  async push(ledger: RepositoryLedger, content: ArtifactContent, tag: string | null): Promise<boolean> {
    return (await this.sendAll(ledger, content.blobs)) && this.pushManifest(ledger, content, tag);
  }

  async sendAll(ledger: RepositoryLedger, blobs: readonly BlobContent[]): Promise<boolean> {
    const sent = await Promise.all(blobs.map((blob) => this.sender.send(ledger.name, blob)));
    return sent.every(Boolean);
  }

  async pushManifest(ledger: RepositoryLedger, content: ArtifactContent, tag: string | null): Promise<boolean> {
    const target = `/v2/${ledger.name}/manifests/${tag ?? content.digest}`;
    const headers = { 'content-type': content.mediaType };
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const answer = await this.tools.ask('PUT', target, { body: content.bytes, headers });
      if (answer?.status === 201) {
        ledger.pushed(content, tag);
        return true;
      }
      if (answer === null) ledger.maybePushed(content, tag);
      else if (!this.isMissingBlobs(ledger, content, answer)) return false;
      else if (!(await this.sendAll(ledger, content.blobs))) return false;
    }
    return false;
  }

  /** The lease of a blob may run out while others are sent. Before that it must be there; children always. */
  private isMissingBlobs(ledger: RepositoryLedger, content: ArtifactContent, answer: Heard): boolean {
    const { findings, promises } = this.tools;
    const missing = missingDigests(answer);
    findings.require(missing.length > 0, () => `PUT of a manifest to ${ledger.name}: ${textOf(answer)}`);
    for (const digest of missing) {
      const isChild = content.children.some((child) => child.digest === digest);
      findings.require(
        !isChild && !promises.holds(ledger.name, digest),
        () => `${ledger.name}: ${digest} was promised and is missing when its manifest comes`,
      );
    }
    return missing.length > 0 && content.children.length === 0;
  }
}

/** Of a refusal that names them; empty for any other answer. */
function missingDigests(answer: Heard): string[] {
  const { errors = [] } = JSON.parse(answer.body.toString() || '{}') as {
    errors?: { code: string; detail?: { missing?: string[] } }[];
  };
  return errors.filter(({ code }) => code === 'MANIFEST_BLOB_UNKNOWN').flatMap(({ detail }) => detail?.missing ?? []);
}
