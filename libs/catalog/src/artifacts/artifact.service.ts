import type { Database, Transaction } from '@breakwater/database';
import type { Digest, Reference } from '@breakwater/oci';
import type { CatalogEvents } from '../events/catalog-events.js';
import type { ListPage, ListRequest } from '../lists/list.js';
import { ArtifactReferencedError, ManifestUnknownError } from '../manifests/manifest.errors.js';
import type { Principal } from '../ports.js';
import { touchRepository } from '../repositories/repository-lock.js';
import type { Accessory, Artifact, ArtifactParts } from './artifact.js';
import type { ArtifactReader, ArtifactScope, RepositoryAddress } from './artifact-reader.js';
import { lockArtifact } from './artifact-lock.js';
import type { ArtifactRemoval } from './artifact-removal.js';

/** Artifacts, as the control plane shows and deletes them. Rights were decided before. */
export class ArtifactService {
  constructor(private readonly deps: ArtifactDependencies) {}

  list(scope: ArtifactScope, wanted: ArtifactParts, request: ListRequest): Promise<ListPage<Artifact>> {
    return this.deps.reader.list(scope, wanted, request);
  }

  /** @throws ManifestUnknownError */
  async get(
    repository: RepositoryAddress,
    reference: Reference,
    wanted: ArtifactParts = NOTHING_ELSE,
  ): Promise<Artifact> {
    const artifact = await this.deps.reader.find(repository, reference, wanted);
    if (artifact === null) throw new ManifestUnknownError(repository.name, reference);
    return artifact;
  }

  /** @throws ManifestUnknownError */
  async listAccessories(
    repository: RepositoryAddress,
    reference: Reference,
    request: ListRequest,
  ): Promise<ListPage<Accessory>> {
    const { id } = await this.get(repository, reference);
    return this.deps.reader.listAccessories(id, request);
  }

  /**
   * Deletes the artifact that the reference names, by a tag too, with all its tags, its accessories and the children
   * that nothing else names. They can be restored from the trash.
   *
   * @throws ManifestUnknownError
   * @throws ArtifactReferencedError  an index holds it.
   */
  async delete(repository: RepositoryAddress, reference: Reference, by: Principal): Promise<void> {
    const { removal, events } = this.deps;
    await this.deps.database.unitOfWork.run(async (tx) => {
      const artifact = await lockArtifact(tx, repository, reference);
      await this.requireNoParent(tx, repository, artifact);
      const held = { id: artifact.repositoryId, name: repository.name };
      const scene = { project: { id: repository.projectId }, repository: held, by };
      await events.artifactsDeleted(tx, scene, await removal.remove(tx, held, [artifact.id], by.name));
      await touchRepository(tx, held.id);
    });
  }

  private async requireNoParent(
    tx: Transaction,
    repository: RepositoryAddress,
    { id, digest }: { readonly id: string; readonly digest: Digest },
  ): Promise<void> {
    const parents = await this.deps.removal.parentsOf(tx, id);
    if (parents.length > 0) throw new ArtifactReferencedError(repository.name, digest, parents);
  }
}

export const NOTHING_ELSE: ArtifactParts = { tags: false, accessories: false, inheritedAccessories: false };

export interface ArtifactDependencies {
  readonly database: Database;
  readonly reader: ArtifactReader;
  readonly removal: ArtifactRemoval;
  readonly events: CatalogEvents;
}
