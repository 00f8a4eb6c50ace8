import type { PreparedStatement, Transaction } from '@breakwater/database';
import { type Descriptor, type Digest, type Manifest, blobReferences, childReferences } from '@breakwater/oci';

/** A row of `artifact_reference` to be. Both ids null: content that is not here. */
export interface ResolvedReference {
  readonly descriptor: Descriptor;
  readonly role: 'config' | 'layer' | 'child';
  readonly position: number;
  readonly blobId: string | null;
  readonly childId: string | null;
}

export interface ResolvedManifest {
  readonly references: readonly ResolvedReference[];
  /** Artifacts of the repository that this index holds, each once. */
  readonly children: readonly ChildArtifact[];
  /** Content that would have to be here and is not, each digest once. */
  readonly missing: readonly Digest[];
}

export interface ChildArtifact {
  readonly id: string;
  readonly sizeBytes: number;
}

/**
 * Finds what a manifest names within its repository, and takes hold of it: the links of its blobs are locked and have
 * no lease any more, so neither the collector nor a DELETE takes them until the references stand.
 *
 * The caller holds the repository (`change`), which keeps the children in place.
 *
 * @param unlessThere  nothing is held, and no blob found, when the repository has this artifact already.
 */
export async function resolveManifest(
  tx: Transaction,
  repositoryId: string,
  manifest: Manifest,
  unlessThere: Digest | null = null,
): Promise<ResolvedManifest> {
  const wanted = wantedBy(manifest);
  const [blobs, artifacts] = await Promise.all([
    holdLinks(tx, repositoryId, digestsOf(wanted.filter((one) => one.mayBeBlob)), unlessThere),
    findChildren(tx, repositoryId, digestsOf(wanted.filter((one) => one.role === 'child'))),
  ]);
  const references = wanted.map(({ descriptor, role, position, mayBeBlob }): ResolvedReference => {
    // BuildKit's cache is an index of blobs: what is no manifest by its type is looked for among the blobs first.
    const blobId = (mayBeBlob && blobs.get(descriptor.digest)) || null;
    const childId = blobId === null && role === 'child' ? (artifacts.get(descriptor.digest)?.id ?? null) : null;
    return { descriptor, role, position, blobId, childId };
  });
  const held = new Set(references.map((reference) => reference.childId));
  const isMissing = ({ blobId, childId }: ResolvedReference): boolean => blobId === null && childId === null;
  return {
    references,
    children: [...artifacts.values()].filter((child) => held.has(child.id)),
    missing: digestsOf(references.filter((one, index) => isMissing(one) && wanted[index]?.isForeign === false)),
  };
}

interface WantedReference extends Pick<ResolvedReference, 'descriptor' | 'role' | 'position'> {
  readonly mayBeBlob: boolean;
  /** Offered elsewhere, so it need not be here. */
  readonly isForeign: boolean;
}

function wantedBy(manifest: Manifest): WantedReference[] {
  const blobs = blobReferences(manifest).map((blob) => ({ ...blob, mayBeBlob: true }));
  const children = childReferences(manifest).map(({ descriptor, position, isBlob }) => {
    return { descriptor, role: 'child' as const, position, mayBeBlob: isBlob, isForeign: false };
  });
  return [...blobs, ...children];
}

function digestsOf(references: readonly { readonly descriptor: Descriptor }[]): Digest[] {
  return [...new Set(references.map((reference) => reference.descriptor.digest))];
}

/** @returns blob ids by digest. */
async function holdLinks(
  tx: Transaction,
  repositoryId: string,
  digests: readonly Digest[],
  unlessThere: Digest | null,
): Promise<ReadonlyMap<Digest, string>> {
  if (digests.length === 0) return new Map();
  // Race: manifest PUT and the end of a lease, a blob's DELETE, or the collector's sweep. Whoever has the link's row
  // first goes first: a link that was taken away before is not found here and the client is told; one that is found
  // has, from now until our commit, a lock and afterwards a reference, and the collector looks again under the lock.
  const rows = await tx.rows<{ digest: Digest; blob_id: string }>(HOLD_LINKS, [repositoryId, digests, unlessThere]);
  return new Map(rows.map((row) => [row.digest, row.blob_id]));
}

const HOLD_LINKS: PreparedStatement = {
  name: 'catalog.hold-links',
  text: `
    WITH held AS MATERIALIZED (
      SELECT b.digest, l.blob_id, l.lease_until
      FROM blob b JOIN repository_blob l ON l.blob_id = b.id AND l.repository_id = $1
      WHERE b.digest = ANY ($2::text[])
        AND NOT EXISTS (SELECT FROM artifact WHERE repository_id = $1 AND digest = $3::text)
      ORDER BY l.blob_id
      FOR NO KEY UPDATE OF l
    ), needed AS (
      UPDATE repository_blob l SET lease_until = NULL FROM held
      WHERE l.repository_id = $1 AND l.blob_id = held.blob_id AND held.lease_until IS NOT NULL
    )
    SELECT digest, blob_id FROM held`,
};

async function findChildren(
  tx: Transaction,
  repositoryId: string,
  digests: readonly Digest[],
): Promise<ReadonlyMap<Digest, ChildArtifact>> {
  if (digests.length === 0) return new Map();
  const rows = await tx.rows<{ digest: Digest; id: string; size_bytes: string }>(FIND_CHILDREN, [
    repositoryId,
    digests,
  ]);
  return new Map(rows.map((row) => [row.digest, { id: row.id, sizeBytes: Number(row.size_bytes) }]));
}

const FIND_CHILDREN: PreparedStatement = {
  name: 'catalog.find-children',
  text: 'SELECT digest, id, size_bytes FROM artifact WHERE repository_id = $1 AND digest = ANY ($2::text[])',
};
