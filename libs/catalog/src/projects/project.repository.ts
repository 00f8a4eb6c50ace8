import type { Queryable, Transaction } from '@breakwater/database';
import type { CveAllowlist, ProjectMetadata } from '@breakwater/domain';
import { type ListPage, type ListRequest, Statement } from '../lists/list.js';
import { isVisible, type VisibleProjects } from '../lists/visible-projects.js';
import type { Project } from './project.js';

export interface ProjectRecord {
  readonly name: string;
  readonly ownerId: number;
  readonly isPublic: boolean;
}

/** A project under our lock. */
export interface LockedProject {
  readonly id: number;
  readonly name: string;
  readonly metadata: ProjectMetadata;
}

/** Rows of `project`, its metadata and its allowlist. Whether it is public is a column; for callers it is metadata too. */
export class ProjectRepository {
  async find(database: Queryable, id: number): Promise<Project | null> {
    const [row] = await database.rows<ProjectRow>(
      `SELECT ${COLUMNS} FROM project LEFT JOIN project_cve_allowlist allowlist ON allowlist.project_id = project.id
       WHERE project.id = $1`,
      [id],
    );
    return row === undefined ? null : projectOf(row);
  }

  async list(database: Queryable, visible: VisibleProjects, request: ListRequest): Promise<ListPage<Project>> {
    const statement = new Statement(request);
    const condition = `${isVisible(visible, (ids) => statement.bind(ids))} AND ${statement.where}`;
    const order = request.orderBy ?? 'project.name';
    const counting = database.rows<{ total: number }>(
      `SELECT count(*)::integer AS total FROM project WHERE ${condition}`,
      [...statement.params],
    );
    // The page first, so that what hangs on a project is looked up for its rows alone.
    const paging = database.rows<ProjectRow>(
      `SELECT ${COLUMNS}
       FROM (SELECT project.* FROM project WHERE ${condition} ORDER BY ${order}
             LIMIT ${statement.bind(request.limit)} OFFSET ${statement.bind(request.offset)}) project
       LEFT JOIN project_cve_allowlist allowlist ON allowlist.project_id = project.id
       ORDER BY ${order}`,
      statement.params,
    );
    const [[counted], rows] = await Promise.all([counting, paging]);
    return { items: rows.map(projectOf), total: counted?.total ?? 0 };
  }

  async countRepositories(database: Queryable, id: number): Promise<number> {
    const [row] = await database.rows<{ count: number }>(
      'SELECT count(*)::integer AS count FROM repository WHERE project_id = $1 AND listed_at IS NOT NULL',
      [id],
    );
    return row?.count ?? 0;
  }

  async isEmptyHouse(tx: Transaction): Promise<boolean> {
    return (await tx.rows('SELECT FROM project LIMIT 1')).length === 0;
  }

  /** @returns its id; null when there is a project of that name. */
  async insert(tx: Transaction, { name, ownerId, isPublic }: ProjectRecord): Promise<number | null> {
    const [row] = await tx.rows<{ id: number }>(
      `INSERT INTO project (name, owner_id, is_public) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING RETURNING id`,
      [name, ownerId, isPublic],
    );
    return row?.id ?? null;
  }

  /** @param lock  `delete` waits for every writer below the project, `change` for other changes only. */
  async lock(tx: Transaction, id: number, lock: 'change' | 'delete'): Promise<LockedProject | null> {
    const clause = lock === 'delete' ? 'FOR UPDATE' : 'FOR NO KEY UPDATE';
    const [row] = await tx.rows<{ name: string }>(`SELECT name FROM project WHERE id = $1 ${clause}`, [id]);
    if (row === undefined) return null;
    const [read] = await tx.rows<{ metadata: ProjectMetadata }>(`SELECT ${METADATA} FROM project WHERE id = $1`, [id]);
    return { id, name: row.name, metadata: read?.metadata ?? {} };
  }

  async setMetadata(tx: Transaction, id: number, { public: isPublic, ...others }: ProjectMetadata): Promise<void> {
    if (isPublic !== undefined)
      await tx.execute('UPDATE project SET is_public = $2 WHERE id = $1', [id, isPublic === 'true']);
    await tx.execute(
      `INSERT INTO project_metadata (project_id, key, value) SELECT $1, * FROM unnest($2::text[], $3::text[])
       ON CONFLICT (project_id, key) DO UPDATE SET value = excluded.value`,
      [id, Object.keys(others), Object.values(others)],
    );
  }

  /** Without `public` a project is private. */
  async clearMetadata(tx: Transaction, id: number, keys: readonly string[]): Promise<void> {
    if (keys.includes('public')) await tx.execute('UPDATE project SET is_public = false WHERE id = $1', [id]);
    await tx.execute('DELETE FROM project_metadata WHERE project_id = $1 AND key = ANY ($2::text[])', [id, keys]);
  }

  /** Under the project's lock. @returns the list before. */
  async setAllowlist(tx: Transaction, id: number, { cveIds, expiresAt }: CveAllowlist): Promise<CveAllowlist> {
    const [before] = await tx.rows<{ cve_ids: string[] | null; expires_at: Date | null }>(
      `INSERT INTO project_cve_allowlist (project_id, cve_ids, expires_at) VALUES ($1, $2, $3)
       ON CONFLICT (project_id) DO UPDATE
       SET cve_ids = excluded.cve_ids, expires_at = excluded.expires_at, updated_at = now()
       RETURNING old.cve_ids, old.expires_at`,
      [id, cveIds, expiresAt],
    );
    return { cveIds: before?.cve_ids ?? [], expiresAt: before?.expires_at ?? null };
  }

  async touch(tx: Transaction, id: number): Promise<void> {
    await tx.execute('UPDATE project SET updated_at = now() WHERE id = $1', [id]);
  }

  /** Its metadata, allowlist and members go with it (ON DELETE CASCADE). */
  async delete(tx: Transaction, id: number): Promise<void> {
    await tx.execute('DELETE FROM project WHERE id = $1', [id]);
  }
}

const METADATA = `
  (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM project_metadata WHERE project_id = project.id)
    || jsonb_build_object('public', project.is_public::text) AS metadata`;

const COLUMNS = `
  project.id, project.name, project.owner_id, project.is_public, project.created_at, project.updated_at, ${METADATA},
  (SELECT count(*)::integer FROM repository
   WHERE repository.project_id = project.id AND repository.listed_at IS NOT NULL) AS repository_count,
  allowlist.cve_ids, allowlist.expires_at, allowlist.created_at AS allowlist_created_at,
  allowlist.updated_at AS allowlist_updated_at`;

function projectOf(row: ProjectRow): Project {
  return {
    id: row.id,
    name: row.name,
    ownerId: row.owner_id,
    isPublic: row.is_public,
    metadata: row.metadata,
    allowlist: {
      cveIds: row.cve_ids ?? [],
      expiresAt: row.expires_at,
      createdAt: row.allowlist_created_at,
      updatedAt: row.allowlist_updated_at,
    },
    repositoryCount: row.repository_count,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

interface ProjectRow {
  readonly id: number;
  readonly name: string;
  readonly owner_id: number;
  readonly is_public: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly metadata: Readonly<Record<string, string>>;
  readonly repository_count: number;
  readonly cve_ids: readonly string[] | null;
  readonly expires_at: Date | null;
  readonly allowlist_created_at: Date | null;
  readonly allowlist_updated_at: Date | null;
}
