import type { Transaction } from '@breakwater/database';
import type { Digest, Reference } from '@breakwater/oci';
import { ManifestUnknownError } from '../manifests/manifest.errors.js';
import type { RepositoryAddress } from './artifact-reader.js';

/** An artifact whose repository is under our lock `change`. */
export interface LockedArtifact {
  readonly id: string;
  readonly repositoryId: string;
  readonly digest: Digest;
}

/**
 * Locks the repository, and then finds what the reference names there: a tag that moves meanwhile is read where it is.
 *
 * @throws ManifestUnknownError  also where the repository is of another project.
 */
export async function lockArtifact(
  tx: Transaction,
  { projectId, name }: RepositoryAddress,
  reference: Reference,
): Promise<LockedArtifact> {
  const [repository] = await tx.rows<{ id: string }>(
    'SELECT id FROM repository WHERE name = $1 AND project_id = $2 FOR NO KEY UPDATE',
    [name, projectId],
  );
  if (repository === undefined) throw new ManifestUnknownError(name, reference);
  const [named, value] = namedBy(reference);
  const [row] = await tx.rows<{ id: string; digest: Digest }>(
    `SELECT artifact.id, artifact.digest FROM artifact WHERE artifact.repository_id = $1 AND ${named}`,
    [repository.id, value],
  );
  if (row === undefined) throw new ManifestUnknownError(name, reference);
  return { id: row.id, repositoryId: repository.id, digest: row.digest };
}

function namedBy(reference: Reference): [condition: string, value: string] {
  return reference.kind === 'digest'
    ? ['artifact.digest = $2', reference.digest]
    : ['artifact.id = (SELECT artifact_id FROM tag WHERE repository_id = $1 AND name = $2)', reference.tag];
}
