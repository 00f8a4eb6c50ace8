import type { AccessoryType } from '@breakwater/domain';
import type { PreparedStatement, Transaction } from '@breakwater/database';
import { type Descriptor, type Digest, type Manifest, referrerArtifactType } from '@breakwater/oci';
import type { ArtifactDescription } from '../manifests/manifest-inspector.js';
import type { ResolvedReference } from '../manifests/manifest-references.js';

/** What an artifact is attached to, and what says so. */
export interface Attachment {
  readonly subject: Digest;
  readonly origin: 'manifest' | 'cosign-tag' | 'fallback-tag';
  readonly type: AccessoryType;
}

export interface KnownArtifact {
  readonly id: string;
  readonly subject: Digest | null;
}

export interface NewArtifact {
  readonly projectId: number;
  readonly repositoryId: string;
  readonly digest: Digest;
  readonly manifest: Manifest;
  readonly content: Buffer;
  readonly description: ArtifactDescription;
  /** Manifest, config and layers; for an index, its children as well. */
  readonly sizeBytes: number;
  readonly attachment: Attachment | null;
  readonly references: readonly ResolvedReference[];
}

/** Rows of `artifact` and what hangs on them. Every method is called under the repository's lock `change`. */
export class ArtifactRepository {
  async find(tx: Transaction, repositoryId: string, digest: Digest): Promise<KnownArtifact | null> {
    const [row] = await tx.rows<{ id: string; subject_digest: Digest | null }>(FIND, [repositoryId, digest]);
    return row === undefined ? null : { id: row.id, subject: row.subject_digest };
  }

  /**
   * Artifact, manifest and references; and the references that waited for it: indexes that named it before it was
   * here hold it from now on.
   *
   * @returns its id.
   */
  async insert(tx: Transaction, artifact: NewArtifact): Promise<string> {
    const { manifest, description, attachment } = artifact;
    const [row] = await tx.rows<{ id: string; parents: string[] }>(INSERT_ARTIFACT, [
      artifact.projectId,
      artifact.repositoryId,
      artifact.digest,
      description.kind.type,
      description.kind.mediaType,
      manifest.mediaType,
      description.kind.artifactType,
      artifact.content.byteLength,
      artifact.sizeBytes,
      JSON.stringify(description.extraAttributes),
      JSON.stringify(manifest.annotations),
      attachment?.subject ?? null,
      attachment?.origin ?? null,
      attachment?.type ?? null,
      referrerArtifactType(manifest),
      artifact.content,
      JSON.stringify(artifact.references.map(referenceRow)),
    ]);
    const { id, parents } = row as { id: string; parents: string[] };
    if (parents.length > 0) await this.growWith(tx, id, parents);
    return id;
  }

  /** One index more holds these children. */
  async addParent(tx: Transaction, childIds: readonly string[]): Promise<void> {
    if (childIds.length === 0) return;
    await tx.execute('UPDATE artifact SET parent_count = parent_count + 1 WHERE id = ANY ($1::bigint[])', [childIds]);
  }

  /** For an artifact that a tag makes an accessory; one that is attached already stays as it is. */
  async attach(tx: Transaction, artifactId: string, { subject, origin, type }: Attachment): Promise<void> {
    await tx.execute(
      `UPDATE artifact SET subject_digest = $2, subject_origin = $3, accessory_type = $4
       WHERE id = $1 AND subject_digest IS NULL`,
      [artifactId, subject, origin, type],
    );
  }

  /** Indexes that waited for an artifact, and every index above them, become larger by it. */
  private async growWith(tx: Transaction, artifactId: string, parentIds: readonly string[]): Promise<void> {
    await tx.execute('UPDATE artifact SET parent_count = $2 WHERE id = $1', [artifactId, parentIds.length]);
    // Digests cannot form a circle, so this ends at indexes that nothing holds.
    let grown = parentIds;
    while (grown.length > 0) grown = (await tx.rows<{ id: string }>(MEASURE, [grown, MAX_SIZE_BYTES])).map(idOf);
  }
}

/** Sums stay exact in JavaScript and in JSON, whatever sizes a manifest claims. */
export const MAX_SIZE_BYTES = Number.MAX_SAFE_INTEGER;

const INSERT_ARTIFACT: PreparedStatement = {
  name: 'catalog.insert-artifact',
  text: `
  WITH new AS (
    INSERT INTO artifact (project_id, repository_id, digest, type, media_type, manifest_media_type, artifact_type,
                          manifest_size_bytes, size_bytes, extra_attributes, annotations,
                          subject_digest, subject_origin, accessory_type, referrer_type, pushed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12, $13, $14, $15, clock_timestamp())
    RETURNING id
  ), content AS (
    INSERT INTO artifact_manifest (artifact_id, content) SELECT id, $16 FROM new
  ), named AS (
    INSERT INTO artifact_reference (artifact_id, repository_id, position, role, digest, media_type, size_bytes,
                                    urls, platform, annotations, blob_id, child_id)
    SELECT new.id, $2, r.position, r.role, r.digest, r.media_type, r.size_bytes,
           r.urls, r.platform, r.annotations, r.blob_id, r.child_id
    FROM new, jsonb_to_recordset($17::jsonb) AS r (
      position integer, role text, digest text, media_type text, size_bytes bigint,
      urls text[], platform jsonb, annotations jsonb, blob_id bigint, child_id bigint)
  ), awaited AS (
    UPDATE artifact_reference r SET child_id = new.id FROM new
    WHERE r.repository_id = $2 AND r.digest = $3 AND r.blob_id IS NULL AND r.child_id IS NULL AND r.role = 'child'
    RETURNING r.artifact_id
  )
  SELECT id, ARRAY(SELECT DISTINCT artifact_id FROM awaited)::text[] AS parents FROM new`,
};

const FIND: PreparedStatement = {
  name: 'catalog.find-artifact-to-change',
  text: 'SELECT id, subject_digest FROM artifact WHERE repository_id = $1 AND digest = $2',
};

/** Measures indexes ($1) again, each child once. @returns the indexes that hold one whose size has changed. */
const MEASURE = `
  WITH measured AS (
    UPDATE artifact a SET size_bytes = sum.size_bytes
    FROM (
      SELECT i.id, least($2, i.manifest_size_bytes + coalesce(sum(part.size_bytes), 0))::bigint AS size_bytes
      FROM artifact i
      LEFT JOIN LATERAL (
        SELECT DISTINCT r.digest, coalesce(child.size_bytes, r.size_bytes) AS size_bytes
        FROM artifact_reference r LEFT JOIN artifact child ON child.id = r.child_id
        WHERE r.artifact_id = i.id AND (r.child_id IS NOT NULL OR r.blob_id IS NOT NULL)
      ) part ON true
      WHERE i.id = ANY ($1::bigint[])
      GROUP BY i.id
    ) sum
    WHERE a.id = sum.id AND a.size_bytes <> sum.size_bytes
    RETURNING a.id
  )
  SELECT DISTINCT r.artifact_id AS id FROM artifact_reference r JOIN measured ON r.child_id = measured.id`;

function idOf(row: { readonly id: string }): string {
  return row.id;
}

function referenceRow(reference: ResolvedReference): object {
  const { descriptor } = reference;
  return {
    position: reference.position,
    role: reference.role,
    digest: descriptor.digest,
    media_type: descriptor.mediaType,
    size_bytes: descriptor.sizeBytes,
    urls: descriptor.urls ?? [],
    platform: platformRow(descriptor),
    annotations: descriptor.annotations ?? null,
    blob_id: reference.blobId,
    child_id: reference.childId,
  };
}

/** In the words of the image-spec, as the API shows it. */
function platformRow({ platform }: Descriptor): object | null {
  if (platform === undefined) return null;
  return {
    architecture: platform.architecture,
    os: platform.os,
    ...(platform.osVersion !== undefined && { 'os.version': platform.osVersion }),
    ...(platform.osFeatures !== undefined && { 'os.features': platform.osFeatures }),
    ...(platform.variant !== undefined && { variant: platform.variant }),
  };
}
