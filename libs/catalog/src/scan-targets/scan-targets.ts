import type { Queryable, Transaction } from '@breakwater/database';
import { type Digest, MediaType, type Reference, type RepositoryName } from '@breakwater/oci';
import type { RepositoryAddress } from '../artifacts/artifact-reader.js';
import { ManifestUnknownError } from '../manifests/manifest.errors.js';
import type { ScanLeaf, ScanTarget } from './scan-target.js';

/** Artifacts as scans see them: indexes walked down to the manifests in them, and up again. */
export class ScanTargets {
  /** @throws ManifestUnknownError */
  async get(database: Queryable, { projectId, name }: RepositoryAddress, reference: Reference): Promise<ScanTarget> {
    const [named, value] =
      reference.kind === 'digest'
        ? ['artifact.digest = $3', reference.digest]
        : [
            'artifact.id = (SELECT artifact_id FROM tag WHERE repository_id = repository.id AND name = $3)',
            reference.tag,
          ];
    const [row] = await database.rows<{ id: string }>(
      `SELECT artifact.id FROM repository JOIN artifact ON artifact.repository_id = repository.id
       WHERE repository.name = $1 AND repository.project_id = $2 AND ${named}`,
      [name, projectId, value],
    );
    const target = row === undefined ? undefined : (await this.find(database, [Number(row.id)]))[0];
    if (target === undefined) throw new ManifestUnknownError(name, reference);
    return target;
  }

  /** Those of the artifacts that are there. */
  async find(database: Queryable, artifactIds: readonly number[]): Promise<ScanTarget[]> {
    if (artifactIds.length === 0) return [];
    const held = await database.rows<HeldRow>(WALK_DOWN, [artifactIds]);
    const leafIds = held.filter(({ is_leaf: isLeaf }) => isLeaf).map(({ id }) => id);
    const leaves = await this.leaves(database, [...new Set([...artifactIds.map(String), ...leafIds])]);
    return artifactIds.flatMap((id) => {
      const itself = leaves.get(String(id));
      if (itself === undefined) return [];
      const ids = held.filter((row) => row.root === String(id) && row.is_leaf).map((row) => row.id);
      return [{ ...itself, leaves: [...new Set(ids)].flatMap((leafId) => leaves.get(leafId) ?? []) }];
    });
  }

  /** The indexes that hold any of these, directly or not. */
  async holdersOf(database: Queryable, artifactIds: readonly number[]): Promise<number[]> {
    const rows = await database.rows<{ id: string }>(WALK_UP, [artifactIds]);
    return rows.map(({ id }) => Number(id));
  }

  /** Images of the whole registry by their ids, for a scan of everything. */
  async listImages(database: Queryable, afterId: number, limit: number): Promise<ScanLeaf[]> {
    const rows = await database.rows<LeafRow>(
      `SELECT ${LEAF_COLUMNS} FROM artifact JOIN repository ON repository.id = artifact.repository_id
       WHERE artifact.id > $1 AND ${IS_IMAGE} ORDER BY artifact.id LIMIT $2`,
      [afterId, limit],
    );
    return rows.map(leafOf);
  }

  /**
   * Keeps the artifacts from being deleted until the transaction ends. By id, as everybody who takes several.
   *
   * @returns those that are there.
   */
  async hold(tx: Transaction, artifactIds: readonly number[]): Promise<ReadonlySet<number>> {
    const rows = await tx.rows<{ id: string }>(
      'SELECT id FROM artifact WHERE id = ANY ($1::bigint[]) ORDER BY id FOR KEY SHARE',
      [artifactIds],
    );
    return new Set(rows.map(({ id }) => Number(id)));
  }

  /** Those of the artifacts that are there now; a moment later they may be deleted. */
  async existing(database: Queryable, artifactIds: readonly number[]): Promise<ReadonlySet<number>> {
    const rows = await database.rows<{ id: string }>('SELECT id FROM artifact WHERE id = ANY ($1::bigint[])', [
      artifactIds,
    ]);
    return new Set(rows.map(({ id }) => Number(id)));
  }

  /** SBOMs that we made of an artifact, by what their manifests say; the oldest first. */
  async listMadeSboms(database: Queryable, artifactId: number): Promise<Digest[]> {
    const rows = await database.rows<{ digest: Digest }>(
      `SELECT accessory.digest FROM artifact subject
       JOIN artifact accessory ON accessory.repository_id = subject.repository_id
                              AND accessory.subject_digest = subject.digest
       WHERE subject.id = $1 AND accessory.accessory_type = 'sbom.harbor' AND ${IS_OURS} ORDER BY accessory.id`,
      [artifactId],
    );
    return rows.map(({ digest }) => digest);
  }

  private async leaves(database: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, ScanLeaf>> {
    const rows = await database.rows<LeafRow>(
      `SELECT ${LEAF_COLUMNS} FROM artifact JOIN repository ON repository.id = artifact.repository_id
       WHERE artifact.id = ANY ($1::bigint[])`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, leafOf(row)]));
  }
}

/** Annotation of the manifests of SBOMs that the product makes; its value is the product's name. */
export const SBOM_MAKER = 'io.breakwater.sbom.made-by';

const INDEX_TYPES = [MediaType.OciIndex, MediaType.DockerManifestList].map((type) => `'${type}'`).join(', ');

/** Nobody nests indexes deeper, and one that did would hold nothing that counts. */
const MAX_DEPTH = 8;

const WALK_DOWN = `
  WITH RECURSIVE held AS (
    SELECT id AS root, id, 0 AS depth, ARRAY[]::integer[] AS path FROM artifact WHERE id = ANY ($1::bigint[])
    UNION ALL
    SELECT held.root, r.child_id, held.depth + 1, held.path || r.position
    FROM held JOIN artifact_reference r ON r.artifact_id = held.id AND r.child_id IS NOT NULL
    WHERE held.depth < ${MAX_DEPTH}
  )
  SELECT held.root, held.id, artifact.manifest_media_type NOT IN (${INDEX_TYPES}) AS is_leaf
  FROM held JOIN artifact ON artifact.id = held.id
  ORDER BY held.root, held.path`;

const WALK_UP = `
  WITH RECURSIVE holder AS (
    SELECT r.artifact_id AS id, 1 AS depth FROM artifact_reference r WHERE r.child_id = ANY ($1::bigint[])
    UNION
    SELECT r.artifact_id, holder.depth + 1 FROM holder JOIN artifact_reference r ON r.child_id = holder.id
    WHERE holder.depth < ${MAX_DEPTH}
  )
  SELECT DISTINCT id FROM holder ORDER BY id`;

/** BuildKit puts attestations beside the images, as manifests with layers of this type. */
const IS_ATTESTATION = `EXISTS (SELECT FROM artifact_reference r
  WHERE r.artifact_id = artifact.id AND r.media_type = 'application/vnd.in-toto+json')`;

const IS_IMAGE = `(artifact.type = 'IMAGE' AND artifact.accessory_type IS NULL
  AND artifact.manifest_media_type NOT IN (${INDEX_TYPES}) AND NOT ${IS_ATTESTATION})`;

const IS_OURS = `accessory.annotations ? '${SBOM_MAKER}'`;

/** By what their manifests say they are: SPDX, CycloneDX, syft's own; and those that Harbor made. */
const ATTACHED_SBOM = `
  (SELECT accessory.digest FROM artifact accessory
   WHERE accessory.repository_id = artifact.repository_id AND accessory.subject_digest = artifact.digest
     AND NOT ${IS_OURS}
     AND (accessory.accessory_type = 'sbom.harbor'
          OR concat_ws(' ', accessory.artifact_type, accessory.referrer_type, accessory.media_type)
             ~* '(spdx|cyclonedx|syft|sbom)')
   ORDER BY accessory.id DESC LIMIT 1)`;

const LEAF_COLUMNS = `
  artifact.id, artifact.project_id, repository.name AS repository, artifact.digest, artifact.manifest_media_type,
  artifact.size_bytes, ${IS_IMAGE} AS is_image, ${ATTACHED_SBOM} AS attached_sbom`;

function leafOf(row: LeafRow): ScanLeaf {
  return {
    id: Number(row.id),
    projectId: row.project_id,
    repository: row.repository,
    digest: row.digest,
    manifestMediaType: row.manifest_media_type,
    sizeBytes: Number(row.size_bytes),
    isImage: row.is_image,
    attachedSbom: row.attached_sbom,
  };
}

interface HeldRow {
  readonly root: string;
  readonly id: string;
  readonly is_leaf: boolean;
}

interface LeafRow {
  readonly id: string;
  readonly project_id: number;
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly manifest_media_type: string;
  readonly size_bytes: string;
  readonly is_image: boolean;
  readonly attached_sbom: Digest | null;
}
