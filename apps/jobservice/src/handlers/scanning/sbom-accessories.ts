import { SBOM_MAKER, type Catalog, type Principal, type ProjectFacts, type ScanTargets } from '@breakwater/catalog';
import type { Database } from '@breakwater/database';
import { AppError } from '@breakwater/errors';
import { Digest, MediaType, RepositoryName, type DigestAlgorithm } from '@breakwater/oci';
import { ReportGoneError, type ScanLeaf } from '@breakwater/scanning';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

/** A document, ready to be stored. */
export interface SbomDocument {
  /** `application/spdx+json` or `application/vnd.cyclonedx+json`. */
  readonly mediaType: string;
  readonly content: Buffer;
  readonly generatedAt: Date | null;
}

/**
 * Keeps SBOMs as what they are to every client: accessories of the artifact, each with its document as its one layer,
 * as Harbor writes them.
 */
export class SbomAccessories {
  constructor(private readonly deps: SbomAccessoryDependencies) {}

  /** To store the same document again changes nothing. @returns the digest of the accessory. @throws ReportGoneError */
  async put(subject: ScanLeaf, document: SbomDocument, by: string, signal: AbortSignal): Promise<Digest> {
    const project = await this.projectOf(subject);
    const { repository } = subject;
    const config = Buffer.from('{}');
    for (const content of [config, document.content])
      await this.deps.catalog.uploads.putWhole(
        project,
        repository,
        principalOf(by),
        digestOf(content),
        Readable.from([content]),
        signal,
      );
    const manifest = Buffer.from(JSON.stringify(manifestOf(subject, document, config)));
    const { digest } = await this.deps.catalog.manifests.put(project, repository, principalOf(by), {
      reference: { kind: 'digest', digest: digestOf(manifest) },
      tags: [],
      mediaType: MediaType.OciManifest,
      content: manifest,
      digestOf: (algorithm) => digestOf(manifest, algorithm),
    });
    return digest;
  }

  /** Those that we made before: the new ones take their place. One that somebody else has pushed stays. */
  async removeOthers(subject: ScanLeaf, kept: readonly Digest[], by: string): Promise<number> {
    const made = await this.deps.targets.listMadeSboms(this.deps.database, subject.id);
    const old = made.filter((digest) => !kept.includes(digest));
    if (old.length === 0) return 0;
    const project = await this.projectOf(subject);
    for (const digest of old)
      await this.deps.catalog.manifests
        .delete(project, subject.repository, principalOf(by), { kind: 'digest', digest })
        .catch(ignoreMissing);
    return old.length;
  }

  private async projectOf({ repository, projectId }: ScanLeaf): Promise<ProjectFacts> {
    const project = await this.deps.catalog.projects.find(RepositoryName.projectOf(repository));
    if (project === null || project.id !== projectId) throw new ReportGoneError();
    return project;
  }
}

/** Who asked for the SBOM is told as the one who pushed it. */
function principalOf(by: string): Principal {
  return { key: 'system:sbom', name: by };
}

function manifestOf(subject: ScanLeaf, document: SbomDocument, config: Buffer): object {
  return {
    schemaVersion: 2,
    mediaType: MediaType.OciManifest,
    artifactType: MediaType.HarborSbom,
    config: { mediaType: MediaType.HarborSbom, digest: digestOf(config), size: config.byteLength },
    layers: [
      {
        mediaType: document.mediaType,
        digest: digestOf(document.content),
        size: document.content.byteLength,
      },
    ],
    // Its size is not known here, and clients ask for it by its digest anyway.
    subject: { mediaType: subject.manifestMediaType, digest: subject.digest, size: 0 },
    annotations: {
      [SBOM_MAKER]: 'breakwater',
      ...(document.generatedAt === null
        ? {}
        : { 'org.opencontainers.image.created': document.generatedAt.toISOString() }),
    },
  };
}

function digestOf(content: Buffer, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return Digest.of(algorithm, createHash(algorithm).update(content).digest('hex'));
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof AppError) || error.kind !== 'not-found') throw error;
}

export interface SbomAccessoryDependencies {
  readonly database: Database;
  readonly catalog: Pick<Catalog, 'uploads' | 'manifests' | 'projects'>;
  readonly targets: ScanTargets;
}
