import type { Database, Queryable } from '@breakwater/database';
import type { ExtraAttributes } from '@breakwater/domain';
import { type Digest, MediaType, type Reference, type RepositoryName } from '@breakwater/oci';
import { type ListPage, type ListRequest, Statement } from '../lists/list.js';
import type { OverviewJson } from '../overviews/artifact-overviews.js';
import { type Accessory, type Artifact, type ArtifactParts, IS_LISTED } from './artifact.js';
import { ACCESSORY_COLUMNS, accessoryOf, ATTACHED, type AccessoryRow } from './artifact-parts-reader.js';
import type { ArtifactPartsReader, ByArtifact } from './artifact-parts-reader.js';

/** Where artifacts are listed. */
export type ArtifactScope =
  | {
      readonly repository: RepositoryAddress;
      /** Also those that only an index names (`q=base=*`). */
      readonly includesChildren: boolean;
    }
  | {
      readonly projectId: number;
      /** Of each repository only the newest that the request's condition allows. */
      readonly isLatestOnly: boolean;
    };

/** A repository of a project; of a repository of that name elsewhere, nothing. */
export interface RepositoryAddress {
  readonly projectId: number;
  readonly name: RepositoryName;
}

/** Extra attributes and annotations beyond it are left out of lists: strangers wrote them. Of what the table stores. */
export const MAX_LISTED_JSON_BYTES = 32 * 1024;
/** Of one index in a list; the artifact itself has them all. */
export const MAX_LISTED_CHILDREN = 256;

/**
 * Artifacts as lists show them. A list is a page, a count, and one statement for each part that is asked for, however
 * many rows there are.
 */
export class ArtifactReader {
  constructor(
    private readonly database: Database,
    private readonly parts: ArtifactPartsReader,
  ) {}

  /** The newest first unless the request says otherwise. Nothing in a repository that is not there. */
  async list(scope: ArtifactScope, wanted: ArtifactParts, request: ListRequest): Promise<ListPage<Artifact>> {
    const statement = new Statement(request);
    const rows = rowsOf(scope, statement);
    const order = request.orderBy ?? NEWEST_FIRST;
    const counting = this.database.rows<{ total: number }>(
      `SELECT count(*)::integer AS total FROM (${rows}) artifact`,
      [...statement.params],
    );
    const paging = this.database.rows<ArtifactRow>(
      `SELECT ${COLUMNS}, ${LISTED_JSON}, ${overviewColumns(wanted)}
       FROM (SELECT artifact.* FROM (${rows}) artifact ORDER BY ${order}
             LIMIT ${statement.bind(request.limit)} OFFSET ${statement.bind(request.offset)}) artifact
       JOIN repository ON repository.id = artifact.repository_id ${overviewJoin(wanted)}
       ORDER BY ${order}`,
      statement.params,
    );
    const [[counted], page] = await Promise.all([counting, paging]);
    return { items: await this.complete(page, wanted, MAX_LISTED_CHILDREN), total: counted?.total ?? 0 };
  }

  async find(
    { projectId, name }: RepositoryAddress,
    reference: Reference,
    wanted: ArtifactParts,
  ): Promise<Artifact | null> {
    const [named, value] = namedBy(reference);
    const rows = await this.database.rows<ArtifactRow>(
      `SELECT ${COLUMNS}, artifact.extra_attributes, artifact.annotations, ${overviewColumns(wanted)}
       FROM repository JOIN artifact ON artifact.repository_id = repository.id ${overviewJoin(wanted)}
       WHERE repository.name = $1 AND repository.project_id = $2 AND ${named}`,
      [name, projectId, value],
    );
    return (await this.complete(rows, wanted, null))[0] ?? null;
  }

  /** What is attached to one artifact; the oldest first unless the request says otherwise. */
  async listAccessories(subjectId: number, request: ListRequest): Promise<ListPage<Accessory>> {
    const statement = new Statement(request);
    const rows = `artifact subject ${ATTACHED} WHERE subject.id = ${statement.bind(subjectId)} AND ${statement.where}`;
    const counting = this.database.rows<{ total: number }>(`SELECT count(*)::integer AS total FROM ${rows}`, [
      ...statement.params,
    ]);
    const paging = this.database.rows<AccessoryRow>(
      `SELECT ${ACCESSORY_COLUMNS}, subject.id AS holder_id FROM ${rows} ORDER BY ${request.orderBy ?? 'accessory.id'}
       LIMIT ${statement.bind(request.limit)} OFFSET ${statement.bind(request.offset)}`,
      statement.params,
    );
    const [[counted], page] = await Promise.all([counting, paging]);
    return { items: page.map(accessoryOf), total: counted?.total ?? 0 };
  }

  private async complete(
    rows: readonly ArtifactRow[],
    wanted: ArtifactParts,
    maxChildren: number | null,
  ): Promise<Artifact[]> {
    const ids = rows.map((row) => Number(row.id));
    const indexes = rows.filter((row) => INDEX_TYPES.includes(row.manifest_media_type)).map((row) => Number(row.id));
    const held = rows.filter((row) => row.parent_count > 0).map((row) => Number(row.id));
    const [tags, children, accessories, inherited] = await Promise.all([
      this.read(wanted.tags, ids, (database, of) => this.parts.tags(database, of)),
      this.read(true, indexes, (database, of) => this.parts.children(database, of, maxChildren)),
      this.read(wanted.accessories, ids, (database, of) => this.parts.accessories(database, of)),
      this.read(wanted.inheritedAccessories, held, (database, of) => this.parts.inheritedAccessories(database, of)),
    ]);
    return rows.map((row) => {
      const id = Number(row.id);
      return {
        ...factsOf(row),
        tags: tags.get(id) ?? [],
        children: children.get(id) ?? [],
        accessories: accessories.get(id) ?? [],
        inheritedAccessories: inherited.get(id) ?? [],
      };
    });
  }

  private async read<T>(
    isWanted: boolean,
    ids: readonly number[],
    read: (database: Queryable, ids: readonly number[]) => Promise<ByArtifact<T>>,
  ): Promise<ByArtifact<T>> {
    return isWanted && ids.length > 0 ? read(this.database, ids) : new Map<number, readonly T[]>();
  }
}

const NEWEST_FIRST = 'artifact.pushed_at DESC, artifact.id DESC';

const INDEX_TYPES: readonly string[] = [MediaType.OciIndex, MediaType.DockerManifestList];

/** The rows of a list, as a SELECT. */
function rowsOf(scope: ArtifactScope, statement: Statement): string {
  if ('repository' in scope) {
    const { projectId, name } = scope.repository;
    const condition = scope.includesChildren ? 'artifact.accessory_type IS NULL' : IS_LISTED;
    return `
      SELECT artifact.* FROM artifact
      WHERE artifact.repository_id = (
              SELECT id FROM repository
              WHERE name = ${statement.bind(name)} AND project_id = ${statement.bind(projectId)})
        AND ${condition} AND ${statement.where}`;
  }
  if (!scope.isLatestOnly) {
    return `
      SELECT artifact.* FROM artifact
      WHERE artifact.project_id = ${statement.bind(scope.projectId)} AND ${IS_LISTED} AND ${statement.where}`;
  }
  return `
    SELECT artifact.* FROM repository CROSS JOIN LATERAL (
      SELECT artifact.* FROM artifact
      WHERE artifact.repository_id = repository.id AND ${IS_LISTED} AND ${statement.where}
      ORDER BY ${NEWEST_FIRST} LIMIT 1) artifact
    WHERE repository.project_id = ${statement.bind(scope.projectId)} AND repository.listed_at IS NOT NULL`;
}

function namedBy(reference: Reference): [condition: string, value: string] {
  return reference.kind === 'digest'
    ? ['artifact.digest = $3', reference.digest]
    : ['artifact.id = (SELECT artifact_id FROM tag WHERE repository_id = repository.id AND name = $3)', reference.tag];
}

const COLUMNS = `
  artifact.id, artifact.project_id, artifact.repository_id, repository.name AS repository, artifact.digest,
  artifact.type, artifact.media_type, artifact.manifest_media_type, artifact.artifact_type, artifact.size_bytes,
  artifact.icon, artifact.pushed_at, artifact.pulled_at, artifact.parent_count`;

function overviewColumns({ overviews }: ArtifactParts): string {
  return overviews
    ? 'overview.vulnerability AS vulnerability_overview, overview.sbom AS sbom_overview'
    : 'NULL AS vulnerability_overview, NULL AS sbom_overview';
}

function overviewJoin({ overviews }: ArtifactParts): string {
  return overviews ? 'LEFT JOIN artifact_overview overview ON overview.artifact_id = artifact.id' : '';
}

const LISTED_JSON = ['extra_attributes', 'annotations']
  .map((column) => {
    const isSmall = `pg_column_size(artifact.${column}) <= ${MAX_LISTED_JSON_BYTES}`;
    return `CASE WHEN ${isSmall} THEN artifact.${column} ELSE '{}' END AS ${column}`;
  })
  .join(', ');

function factsOf(row: ArtifactRow) {
  return {
    id: Number(row.id),
    projectId: row.project_id,
    repositoryId: Number(row.repository_id),
    repository: row.repository,
    digest: row.digest,
    type: row.type,
    mediaType: row.media_type,
    manifestMediaType: row.manifest_media_type,
    artifactType: row.artifact_type,
    sizeBytes: Number(row.size_bytes),
    icon: row.icon,
    pushedAt: row.pushed_at,
    pulledAt: row.pulled_at,
    extraAttributes: row.extra_attributes,
    annotations: row.annotations,
    overviews: { vulnerability: row.vulnerability_overview, sbom: row.sbom_overview },
  };
}

interface ArtifactRow {
  readonly id: string;
  readonly project_id: number;
  readonly repository_id: string;
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly type: string;
  readonly media_type: string;
  readonly manifest_media_type: string;
  readonly artifact_type: string;
  readonly size_bytes: string;
  readonly icon: string;
  readonly pushed_at: Date;
  readonly pulled_at: Date | null;
  readonly parent_count: number;
  readonly extra_attributes: ExtraAttributes;
  readonly annotations: Readonly<Record<string, string>>;
  readonly vulnerability_overview: OverviewJson | null;
  readonly sbom_overview: OverviewJson | null;
}
