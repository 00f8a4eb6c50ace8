import type { Transaction } from '@breakwater/database';
import type { Digest, Manifest, RepositoryName } from '@breakwater/oci';
import { type ArtifactRepository, type Attachment, MAX_SIZE_BYTES } from '../artifacts/artifact.repository.js';
import type { ArtifactDescription } from './manifest-inspector.js';
import {
  type ChildArtifact,
  type ResolvedManifest,
  type ResolvedReference,
  resolveManifest,
} from './manifest-references.js';
import { ManifestBlobUnknownError } from './manifest.errors.js';

/** A manifest that the repository does not have yet. */
export interface ArtifactToInsert {
  readonly digest: Digest;
  readonly manifest: Manifest;
  readonly content: Buffer;
  readonly description: ArtifactDescription;
  readonly attachment: Attachment | null;
}

/** Where it goes; the repository is under the caller's lock `change`. */
export interface InsertionPlace {
  readonly project: { readonly id: number; readonly isSparseAllowed: boolean };
  readonly repository: { readonly id: string; readonly name: RepositoryName };
}

/** Makes an artifact of a manifest: by a push, by a copy. */
export class ArtifactInsertion {
  constructor(private readonly artifacts: ArtifactRepository) {}

  /**
   * @returns its id.
   * @throws ManifestBlobUnknownError  it names content that is not in the repository.
   */
  async insert(tx: Transaction, place: InsertionPlace, artifact: ArtifactToInsert): Promise<string> {
    return this.insertResolved(tx, place, artifact, await resolveManifest(tx, place.repository.id, artifact.manifest));
  }

  /**
   * The same with what the manifest names found already. Its first statement is begun at once, so that others of the
   * same turn travel with it.
   */
  async insertResolved(
    tx: Transaction,
    { project, repository }: InsertionPlace,
    artifact: ArtifactToInsert,
    { references, children, missing }: ResolvedManifest,
  ): Promise<string> {
    const { artifacts } = this;
    if (missing.length > 0 && !project.isSparseAllowed) throw new ManifestBlobUnknownError(repository.name, missing);
    const id = await artifacts.insert(tx, {
      ...artifact,
      projectId: project.id,
      repositoryId: repository.id,
      sizeBytes: sizeOf(artifact.content, references, children),
      references,
    });
    await artifacts.addParent(
      tx,
      children.map((child) => child.id),
    );
    return id;
  }
}

/**
 * Manifest, config and layers, foreign ones included; of an index, what it holds here, each child once. What manifests
 * say of sizes is not believed to add up to something sensible.
 */
function sizeOf(content: Buffer, references: readonly ResolvedReference[], children: readonly ChildArtifact[]): number {
  const blobs = references.filter(({ role }) => role !== 'child').map(({ descriptor }) => descriptor.sizeBytes);
  const blobChildren = references.filter(({ role, blobId }) => role === 'child' && blobId !== null);
  const distinct = new Map(blobChildren.map(({ descriptor }) => [descriptor.digest, descriptor.sizeBytes]));
  const parts = [...blobs, ...distinct.values(), ...children.map((child) => child.sizeBytes)];
  return Math.min(
    MAX_SIZE_BYTES,
    parts.reduce((sum, part) => sum + part, content.byteLength),
  );
}
