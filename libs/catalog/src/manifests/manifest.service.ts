import type { Database, Transaction } from '@breakwater/database';
import { Digest, type Manifest, type RepositoryName, type Reference, type Tag, parseManifest } from '@breakwater/oci';
import type { ArtifactRemoval } from '../artifacts/artifact-removal.js';
import type { ArtifactRepository } from '../artifacts/artifact.repository.js';
import type { CatalogEvents } from '../events/catalog-events.js';
import type { Principal } from '../ports.js';
import type { ProjectFacts } from '../projects/project-facts.js';
import { ensureRepository, findRepository, touchRepository } from '../repositories/repository-lock.js';
import type { PlacedTag, TagRepository } from '../tags/tag.repository.js';
import { DigestMismatchError } from '../uploads/upload.errors.js';
import type { ArtifactInsertion } from './artifact-insertion.js';
import { findAttachment } from './attachment.js';
import type { ArtifactDescription, ManifestInspector } from './manifest-inspector.js';
import { resolveManifest } from './manifest-references.js';
import { ArtifactReferencedError, ManifestUnknownError } from './manifest.errors.js';
import type { ManifestPush, PushedManifest } from './pushed-manifest.js';

/**
 * Manifests, as they are pushed and deleted through the data plane.
 *
 * Each use case is one transaction under the lock of its repository. So these races have one winner and no middle:
 * two pushes of one tag; a delete of the last tag beside a push of another; an index beside the delete of its child; a
 * push of what is just being deleted. Races with blobs are closed at their links, see `resolveManifest`.
 */
export class ManifestService {
  constructor(private readonly deps: ManifestDependencies) {}

  /**
   * Makes a manifest readable under its digest and the tags given. To push it again changes nothing but tags, and is
   * told as a push all the same, as in Harbor.
   *
   * @throws DigestMismatchError  the content is not what the reference says.
   * @throws InvalidManifestError, ManifestTooLargeError
   * @throws ManifestBlobUnknownError  it names content that is not in the repository.
   * @throws ProjectGoneError
   */
  async put(
    project: ProjectFacts,
    repository: RepositoryName,
    principal: Principal,
    push: ManifestPush,
  ): Promise<PushedManifest> {
    const digest = verifiedDigest(push);
    const manifest = parseManifest(push.content, push.mediaType);
    const tags = tagsOf(push);
    const description = await this.deps.inspector.describe(repository, manifest);
    return this.deps.database.unitOfWork.run(async (tx) => {
      const id = await ensureRepository(tx, project, repository, 'change');
      const held = { project, repository: { id, name: repository }, by: principal };
      const parsed = { digest, manifest, tags, description, content: push.content };
      const { isNew, subject, placed, isFirst } = await this.ensureArtifact(tx, held, parsed);
      const { mediaType: manifestMediaType } = manifest;
      await this.deps.events.pushed(tx, held, {
        digest,
        manifestMediaType,
        tags,
        subjectDigest: subject,
        placed,
        isFirst,
      });
      return { digest, subject: manifest.subject?.digest ?? null, tags, isNew };
    });
  }

  /**
   * By digest: the artifact with all its tags, its accessories, and the children that only it holds. By tag: the tag.
   *
   * @throws ManifestUnknownError
   * @throws ArtifactReferencedError  an index holds it.
   */
  async delete(
    project: ProjectFacts,
    repository: RepositoryName,
    principal: Principal,
    reference: Reference,
  ): Promise<void> {
    await this.deps.database.unitOfWork.run(async (tx) => {
      const id = await findRepository(tx, repository, 'change');
      if (id === null) throw new ManifestUnknownError(repository, reference);
      const held = { project, repository: { id, name: repository }, by: principal };
      if (reference.kind === 'tag') await this.deleteTag(tx, held, reference);
      else await this.deleteArtifact(tx, held, reference);
      await touchRepository(tx, id);
    });
  }

  private async ensureArtifact(tx: Transaction, held: Held, push: ParsedPush): Promise<EnsuredArtifact> {
    const { artifacts, insertion } = this.deps;
    const { id } = held.repository;
    const attachment = findAttachment(push.manifest, push.tags);
    // Begun together where one does not need the other's answer: the repository is ours for as long as this takes.
    const [known, resolved] = await Promise.all([
      artifacts.find(tx, id, push.digest),
      resolveManifest(tx, id, push.manifest, push.digest),
    ]);
    const subject = known?.subject ?? attachment?.subject ?? null;
    if (known === null) {
      const [, placed, isFirst] = await Promise.all([
        insertion.insertResolved(tx, held, { ...push, attachment }, resolved),
        this.deps.tags.place(tx, id, push.digest, push.tags),
        touchRepository(tx, id),
      ]);
      return { subject, isNew: true, placed, isFirst };
    }
    // A tag can make an accessory of what was pushed by its digest before.
    if (known.subject === null && attachment !== null) await artifacts.attach(tx, known.id, attachment);
    const placed = await this.deps.tags.place(tx, id, push.digest, push.tags);
    const isFirst = placed.length > 0 && (await touchRepository(tx, id));
    return { subject, isNew: false, placed, isFirst };
  }

  private async deleteTag(tx: Transaction, held: Held, reference: Reference & { kind: 'tag' }): Promise<void> {
    const digest = await this.deps.tags.remove(tx, held.repository.id, reference.tag);
    if (digest === null) throw new ManifestUnknownError(held.repository.name, reference);
    await this.deps.events.tagDeleted(tx, held, reference.tag, digest);
  }

  private async deleteArtifact(tx: Transaction, held: Held, reference: Reference & { kind: 'digest' }): Promise<void> {
    const { artifacts, removal, events } = this.deps;
    const { repository, by } = held;
    const artifact = await artifacts.find(tx, repository.id, reference.digest);
    if (artifact === null) throw new ManifestUnknownError(repository.name, reference);
    const parents = await removal.parentsOf(tx, artifact.id);
    if (parents.length > 0) throw new ArtifactReferencedError(repository.name, reference.digest, parents);
    await events.artifactsDeleted(tx, held, await removal.remove(tx, repository, [artifact.id], by.name));
  }
}

export interface ManifestDependencies {
  readonly database: Database;
  readonly artifacts: ArtifactRepository;
  readonly insertion: ArtifactInsertion;
  readonly tags: TagRepository;
  readonly removal: ArtifactRemoval;
  readonly inspector: ManifestInspector;
  readonly events: CatalogEvents;
}

/** A repository under our lock, and who acts there. */
interface Held {
  readonly project: ProjectFacts;
  readonly repository: { readonly id: string; readonly name: RepositoryName };
  readonly by: Principal;
}

interface ParsedPush {
  readonly digest: Digest;
  readonly manifest: Manifest;
  readonly content: Buffer;
  readonly tags: readonly Tag[];
  readonly description: ArtifactDescription;
}

interface EnsuredArtifact {
  readonly subject: Digest | null;
  readonly isNew: boolean;
  readonly placed: readonly PlacedTag[];
  /** The repository's first manifest. */
  readonly isFirst: boolean;
}

function verifiedDigest({ reference, digestOf }: ManifestPush): Digest {
  if (reference.kind === 'tag') return digestOf('sha256');
  const actual = digestOf(Digest.algorithm(reference.digest));
  if (actual !== reference.digest) throw new DigestMismatchError(reference.digest, actual);
  return actual;
}

function tagsOf({ reference, tags }: ManifestPush): Tag[] {
  return [...new Set(reference.kind === 'tag' ? [reference.tag, ...tags] : tags)];
}
