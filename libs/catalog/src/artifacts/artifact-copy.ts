import type { Database, Transaction } from '@breakwater/database';
import type { Digest, Reference, RepositoryName, Tag } from '@breakwater/oci';
import { linkBlobsOf } from '../blobs/blob-attachment.js';
import type { CatalogEvents, Scene } from '../events/catalog-events.js';
import type { ArtifactInsertion, InsertionPlace } from '../manifests/artifact-insertion.js';
import { ManifestUnknownError } from '../manifests/manifest.errors.js';
import type { Principal } from '../ports.js';
import type { ProjectFacts } from '../projects/project-facts.js';
import { ensureRepository, touchRepository } from '../repositories/repository-lock.js';
import type { PlacedTag, TagRepository } from '../tags/tag.repository.js';
import { type CopiedArtifact, readCopiedArtifacts, readManifest } from './artifact-closure.js';
import { ArtifactIsAccessoryError } from './artifact.errors.js';
import type { RepositoryAddress } from './artifact-reader.js';
import type { ArtifactRepository } from './artifact.repository.js';

export interface CopyTarget {
  readonly project: ProjectFacts;
  readonly name: RepositoryName;
}

/**
 * Copies an artifact into another repository without moving a byte: the target gets links to the same blobs. With it
 * go what it holds and what is attached to it, and so on; and its tags, which are moved where the target has them.
 * Tags of its accessories go along where the target does not have them, because old clients find signatures by them.
 */
export class ArtifactCopy {
  constructor(private readonly deps: CopyDependencies) {}

  /**
   * @param from  rights on it were decided before.
   * @throws ManifestUnknownError, ArtifactIsAccessoryError, ProjectGoneError
   * @throws ManifestBlobUnknownError  the source has gaps that the target's project does not allow.
   */
  async copy(from: RepositoryAddress, reference: Reference, to: CopyTarget, by: Principal): Promise<void> {
    await this.deps.database.unitOfWork.run(async (tx) => {
      const held = await this.lock(tx, from, reference, to);
      const root = await findRoot(tx, held.sourceId, from.name, reference);
      if (root.isAccessory) throw new ArtifactIsAccessoryError(from.name, reference);
      if (held.sourceId === held.targetId) return;
      const artifacts = await readCopiedArtifacts(tx, root.id);
      await linkBlobsOf(
        tx,
        held.targetId,
        artifacts.map((artifact) => artifact.id),
        this.deps.leaseSeconds,
      );
      await this.insertAll(tx, held.targetId, root.id, artifacts, to, by);
    });
  }

  /** Both repositories, by name, as two copies in opposite directions would; the source stays as it is until we end. */
  private async lock(tx: Transaction, from: RepositoryAddress, reference: Reference, to: CopyTarget): Promise<HeldIds> {
    const lockSource = async (): Promise<string> => {
      const clause = from.name === to.name ? 'FOR NO KEY UPDATE' : 'FOR SHARE';
      const [row] = await tx.rows<{ id: string }>(
        `SELECT id FROM repository WHERE name = $1 AND project_id = $2 ${clause}`,
        [from.name, from.projectId],
      );
      if (row === undefined) throw new ManifestUnknownError(from.name, reference);
      return row.id;
    };
    const lockTarget = (): Promise<string> => ensureRepository(tx, to.project, to.name, 'change');
    if (from.name <= to.name) {
      const sourceId = await lockSource();
      return { sourceId, targetId: await lockTarget() };
    }
    const targetId = await lockTarget();
    return { sourceId: await lockSource(), targetId };
  }

  private async insertAll(
    tx: Transaction,
    targetId: string,
    rootId: string,
    artifacts: readonly CopiedArtifact[],
    { project, name }: CopyTarget,
    by: Principal,
  ): Promise<void> {
    const place = { project, repository: { id: targetId, name } };
    const copies: Copy[] = [];
    for (const artifact of artifacts) copies.push(await this.copyOne(tx, place, artifact, artifact.id === rootId));
    const changed = copies.filter(({ isNew, placed }) => isNew || placed.length > 0);
    if (changed.length === 0) return;
    const isFirst = await touchRepository(tx, targetId);
    await this.tell(tx, { project, repository: { name }, by }, changed, isFirst);
  }

  private async copyOne(
    tx: Transaction,
    place: InsertionPlace,
    artifact: CopiedArtifact,
    isRoot: boolean,
  ): Promise<Copy> {
    const { artifacts, insertion, tags } = this.deps;
    const { id: targetId } = place.repository;
    const known = await artifacts.find(tx, targetId, artifact.digest);
    if (known === null) await insertion.insert(tx, place, { ...artifact, ...(await readManifest(tx, artifact)) });
    const wanted = isRoot ? artifact.tags : await this.freeTags(tx, targetId, artifact);
    const placed = await tags.place(tx, targetId, artifact.digest, wanted);
    return { artifact, isNew: known === null, placed };
  }

  private async freeTags(tx: Transaction, targetId: string, { attachment, tags }: CopiedArtifact): Promise<Tag[]> {
    if (attachment === null) return [];
    const free: Tag[] = [];
    for (const tag of tags) if (!(await this.deps.tags.exists(tx, targetId, tag))) free.push(tag);
    return free;
  }

  private async tell(tx: Transaction, scene: Scene, copies: readonly Copy[], isFirst: boolean): Promise<void> {
    for (const [index, { artifact, placed }] of copies.entries()) {
      await this.deps.events.pushed(tx, scene, {
        digest: artifact.digest,
        manifestMediaType: artifact.manifestMediaType,
        tags: placed.map(({ tag }) => tag),
        subjectDigest: artifact.attachment?.subject ?? null,
        placed,
        isFirst: isFirst && index === 0,
      });
    }
  }
}

async function findRoot(tx: Transaction, sourceId: string, name: RepositoryName, reference: Reference): Promise<Root> {
  const [named, value] =
    reference.kind === 'digest'
      ? ['digest = $2', reference.digest]
      : ['id = (SELECT artifact_id FROM tag WHERE repository_id = $1 AND name = $2)', reference.tag];
  const [row] = await tx.rows<Root>(
    `SELECT id, digest, accessory_type IS NOT NULL AS "isAccessory" FROM artifact WHERE repository_id = $1 AND ${named}`,
    [sourceId, value],
  );
  if (row === undefined) throw new ManifestUnknownError(name, reference);
  return row;
}

export interface CopyDependencies {
  readonly database: Database;
  readonly artifacts: ArtifactRepository;
  readonly insertion: ArtifactInsertion;
  readonly tags: TagRepository;
  readonly events: CatalogEvents;
  readonly leaseSeconds: number;
}

interface HeldIds {
  readonly sourceId: string;
  readonly targetId: string;
}

interface Root {
  readonly id: string;
  readonly digest: Digest;
  readonly isAccessory: boolean;
}

interface Copy {
  readonly artifact: CopiedArtifact;
  readonly isNew: boolean;
  readonly placed: readonly PlacedTag[];
}
