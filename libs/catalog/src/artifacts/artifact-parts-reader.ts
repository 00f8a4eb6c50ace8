import type { Queryable } from '@breakwater/database';
import type { AccessoryType } from '@breakwater/domain';
import type { Digest, RepositoryName, Tag } from '@breakwater/oci';
import type { Accessory, ArtifactTag, ChildReference } from './artifact.js';

/** What hangs on artifacts, for a whole page in one statement each; by artifact id. */
export class ArtifactPartsReader {
  /** The newest first. */
  async tags(database: Queryable, artifactIds: readonly number[]): Promise<ByArtifact<ArtifactTag>> {
    const rows = await database.rows<TagRow>(
      `SELECT ${TAG_COLUMNS} FROM tag WHERE artifact_id = ANY ($1::bigint[])
       ORDER BY artifact_id, pushed_at DESC, id DESC`,
      [artifactIds],
    );
    return grouped(rows, (row) => Number(row.artifact_id), tagOf);
  }

  /** @param atMost  of each index, in its order; null for all. */
  async children(
    database: Queryable,
    indexIds: readonly number[],
    atMost: number | null,
  ): Promise<ByArtifact<ChildReference>> {
    const rows = await database.rows<ChildRow>(
      `SELECT child.artifact_id, child.child_id, child.digest, child.platform, child.annotations, child.urls
       FROM unnest($1::bigint[]) AS wanted (id)
       CROSS JOIN LATERAL (
         SELECT r.* FROM artifact_reference r WHERE r.artifact_id = wanted.id AND r.role = 'child'
         ORDER BY r.position LIMIT $2
       ) child
       ORDER BY child.artifact_id, child.position`,
      [indexIds, atMost],
    );
    return grouped(rows, (row) => Number(row.artifact_id), childOf);
  }

  /** The oldest first. */
  async accessories(database: Queryable, subjectIds: readonly number[]): Promise<ByArtifact<Accessory>> {
    const rows = await database.rows<AccessoryRow>(
      `SELECT ${ACCESSORY_COLUMNS}, subject.id AS holder_id FROM artifact subject ${ATTACHED}
       WHERE subject.id = ANY ($1::bigint[]) ORDER BY accessory.id`,
      [subjectIds],
    );
    return grouped(rows, (row) => Number(row.holder_id), accessoryOf);
  }

  /** Of the indexes that hold the artifacts: who signs an index vouches for what it holds. */
  async inheritedAccessories(database: Queryable, childIds: readonly number[]): Promise<ByArtifact<Accessory>> {
    const rows = await database.rows<AccessoryRow>(
      `SELECT ${ACCESSORY_COLUMNS}, holder.child_id AS holder_id
       FROM (SELECT DISTINCT child_id, artifact_id FROM artifact_reference WHERE child_id = ANY ($1::bigint[])) holder
       JOIN artifact subject ON subject.id = holder.artifact_id ${ATTACHED}
       ORDER BY accessory.id`,
      [childIds],
    );
    return grouped(rows, (row) => Number(row.holder_id), accessoryOf);
  }
}

export type ByArtifact<T> = ReadonlyMap<number, readonly T[]>;

export const TAG_COLUMNS = 'tag.id, tag.repository_id, tag.artifact_id, tag.name, tag.pushed_at, tag.pulled_at';

export const ACCESSORY_COLUMNS = `
  accessory.id, accessory.digest, accessory.accessory_type, accessory.size_bytes, accessory.icon, accessory.pushed_at,
  subject.id AS subject_id, subject.digest AS subject_digest, repository.name AS repository`;

/** To the rows of `subject`. */
export const ATTACHED = `
  JOIN artifact accessory
    ON accessory.repository_id = subject.repository_id AND accessory.subject_digest = subject.digest
  JOIN repository ON repository.id = subject.repository_id`;

export function tagOf(row: TagRow): ArtifactTag {
  return {
    id: Number(row.id),
    repositoryId: Number(row.repository_id),
    artifactId: Number(row.artifact_id),
    name: row.name,
    pushedAt: row.pushed_at,
    pulledAt: row.pulled_at,
  };
}

export function accessoryOf(row: AccessoryRow): Accessory {
  return {
    artifactId: Number(row.id),
    digest: row.digest,
    type: row.accessory_type,
    sizeBytes: Number(row.size_bytes),
    icon: row.icon,
    createdAt: row.pushed_at,
    subjectId: Number(row.subject_id),
    subjectDigest: row.subject_digest,
    repository: row.repository,
  };
}

function childOf(row: ChildRow): ChildReference {
  return {
    childId: row.child_id === null ? null : Number(row.child_id),
    digest: row.digest,
    platform: row.platform,
    annotations: row.annotations ?? {},
    urls: row.urls,
  };
}

function grouped<Row, T>(rows: readonly Row[], keyOf: (row: Row) => number, map: (row: Row) => T): ByArtifact<T> {
  const groups = new Map<number, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [map(row)]);
    else group.push(map(row));
  }
  return groups;
}

export interface TagRow {
  readonly id: string;
  readonly repository_id: string;
  readonly artifact_id: string;
  readonly name: Tag;
  readonly pushed_at: Date;
  readonly pulled_at: Date | null;
}

export interface AccessoryRow {
  readonly id: string;
  readonly digest: Digest;
  readonly accessory_type: AccessoryType;
  readonly size_bytes: string;
  readonly icon: string;
  readonly pushed_at: Date;
  readonly subject_id: string;
  readonly subject_digest: Digest;
  readonly repository: RepositoryName;
  /** The artifact for whose sake it was read. */
  readonly holder_id: string;
}

interface ChildRow {
  readonly artifact_id: string;
  readonly child_id: string | null;
  readonly digest: Digest;
  readonly platform: ChildReference['platform'];
  readonly annotations: Readonly<Record<string, string>> | null;
  readonly urls: readonly string[];
}
