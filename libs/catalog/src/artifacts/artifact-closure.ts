import type { Transaction } from '@breakwater/database';
import type { AccessoryType, ExtraAttributes } from '@breakwater/domain';
import { type Digest, type Manifest, parseManifest, type Tag } from '@breakwater/oci';
import type { ArtifactDescription } from '../manifests/manifest-inspector.js';
import type { Attachment } from './artifact.repository.js';

/** All that makes an artifact but its bytes, to make it again elsewhere. */
export interface CopiedArtifact {
  readonly id: string;
  readonly digest: Digest;
  readonly manifestMediaType: string;
  readonly description: ArtifactDescription;
  readonly attachment: Attachment | null;
  /** In byte order. */
  readonly tags: readonly Tag[];
}

/**
 * An artifact with what it holds and what is attached to it, and so on. What an index holds comes before the index.
 * Under a lock of the repository.
 */
export async function readCopiedArtifacts(tx: Transaction, rootId: string): Promise<readonly CopiedArtifact[]> {
  const rows = await tx.rows<CopiedRow>(READ_CLOSURE, [rootId]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const ordered = new Map<string, CopiedArtifact>();
  const add = (row: CopiedRow): void => {
    if (ordered.has(row.id)) return;
    // An index names its children by digest, so they cannot form a circle.
    for (const id of row.child_ids) {
      const child = byId.get(id);
      if (child !== undefined) add(child);
    }
    ordered.set(row.id, copiedArtifactOf(row));
  };
  rows.forEach(add);
  return [...ordered.values()];
}

/** One at a time: a manifest may have 4 MiB, and there may be many. */
export async function readManifest(
  tx: Transaction,
  { id, manifestMediaType }: CopiedArtifact,
): Promise<{ readonly content: Buffer; readonly manifest: Manifest }> {
  const [row] = await tx.rows<{ content: Buffer }>('SELECT content FROM artifact_manifest WHERE artifact_id = $1', [
    id,
  ]);
  const { content } = row as { content: Buffer };
  return { content, manifest: parseManifest(content, manifestMediaType) };
}

const READ_CLOSURE = `
  WITH RECURSIVE wanted (id) AS (
    SELECT $1::bigint
    UNION
    SELECT next.id
    FROM wanted JOIN artifact a ON a.id = wanted.id
    CROSS JOIN LATERAL (
      SELECT r.child_id AS id FROM artifact_reference r WHERE r.artifact_id = a.id AND r.child_id IS NOT NULL
      UNION ALL
      SELECT s.id FROM artifact s WHERE s.repository_id = a.repository_id AND s.subject_digest = a.digest
    ) next
  )
  SELECT a.id, a.digest, a.type, a.media_type, a.artifact_type, a.manifest_media_type, a.extra_attributes,
         a.subject_digest, a.subject_origin, a.accessory_type,
         ARRAY(SELECT t.name FROM tag t WHERE t.artifact_id = a.id ORDER BY t.name) AS tags,
         ARRAY(SELECT r.child_id FROM artifact_reference r
               WHERE r.artifact_id = a.id AND r.child_id IS NOT NULL) AS child_ids
  FROM wanted JOIN artifact a USING (id)
  ORDER BY a.id`;

function copiedArtifactOf(row: CopiedRow): CopiedArtifact {
  return {
    id: row.id,
    digest: row.digest,
    manifestMediaType: row.manifest_media_type,
    description: {
      kind: { type: row.type, mediaType: row.media_type, artifactType: row.artifact_type },
      extraAttributes: row.extra_attributes,
    },
    attachment: attachmentOf(row),
    tags: row.tags,
  };
}

function attachmentOf({ subject_digest: subject, subject_origin: origin, accessory_type: type }: CopiedRow) {
  return subject === null || origin === null || type === null ? null : { subject, origin, type };
}

interface CopiedRow {
  readonly id: string;
  readonly digest: Digest;
  readonly type: string;
  readonly media_type: string;
  readonly artifact_type: string;
  readonly manifest_media_type: string;
  readonly extra_attributes: ExtraAttributes;
  readonly subject_digest: Digest | null;
  readonly subject_origin: Attachment['origin'] | null;
  readonly accessory_type: AccessoryType | null;
  readonly tags: readonly Tag[];
  readonly child_ids: readonly string[];
}
