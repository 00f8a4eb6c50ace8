import type { Queryable, Transaction } from '@breakwater/database';
import type { RepositoryName } from '@breakwater/oci';
import { IS_LISTED } from '../artifacts/artifact.js';
import { type ListPage, type ListRequest, Statement } from '../lists/list.js';
import { isVisible, type VisibleProjects } from '../lists/visible-projects.js';
import type { Repository } from './repository.js';

/** Whose repositories a list shows. */
export type RepositoryScope = { readonly projectId: number } | { readonly visible: VisibleProjects };

/** Rows of `repository` as lists show them. */
export class RepositoryRepository {
  async find(database: Queryable, projectId: number, name: RepositoryName): Promise<Repository | null> {
    const [row] = await database.rows<RepositoryRow>(
      `SELECT ${COLUMNS} FROM repository WHERE project_id = $1 AND name = $2 AND listed_at IS NOT NULL`,
      [projectId, name],
    );
    return row === undefined ? null : repositoryOf(row);
  }

  async list(database: Queryable, scope: RepositoryScope, request: ListRequest): Promise<ListPage<Repository>> {
    const statement = new Statement(request);
    const condition = `repository.listed_at IS NOT NULL AND ${isInScope(scope, statement)} AND ${statement.where}`;
    const order = request.orderBy ?? 'repository.created_at DESC, repository.id DESC';
    const counting = database.rows<{ total: number }>(
      `SELECT count(*)::integer AS total FROM repository WHERE ${condition}`,
      [...statement.params],
    );
    // The page first, so that artifacts are counted for its rows alone.
    const paging = database.rows<RepositoryRow>(
      `SELECT ${COLUMNS}
       FROM (SELECT repository.* FROM repository WHERE ${condition} ORDER BY ${order}
             LIMIT ${statement.bind(request.limit)} OFFSET ${statement.bind(request.offset)}) repository
       ORDER BY ${order}`,
      statement.params,
    );
    const [[counted], rows] = await Promise.all([counting, paging]);
    return { items: rows.map(repositoryOf), total: counted?.total ?? 0 };
  }

  /** @returns false when there is no such repository. */
  async setDescription(
    tx: Transaction,
    projectId: number,
    name: RepositoryName,
    description: string,
  ): Promise<boolean> {
    const changed = await tx.execute(
      'UPDATE repository SET description = $3 WHERE project_id = $1 AND name = $2 AND listed_at IS NOT NULL',
      [projectId, name, description],
    );
    return changed > 0;
  }

  /** Locks it so that nothing can come into it any more. @returns its id. */
  async lockForDelete(tx: Transaction, projectId: number, name: RepositoryName): Promise<string | null> {
    const [row] = await tx.rows<{ id: string }>(
      'SELECT id FROM repository WHERE project_id = $1 AND name = $2 AND listed_at IS NOT NULL FOR UPDATE',
      [projectId, name],
    );
    return row?.id ?? null;
  }
}

const COLUMNS = `
  repository.id, repository.project_id, repository.name, repository.description, repository.pull_count,
  repository.created_at, repository.updated_at,
  (SELECT count(*)::integer FROM artifact
   WHERE artifact.repository_id = repository.id AND ${IS_LISTED}) AS artifact_count`;

function isInScope(scope: RepositoryScope, statement: Statement): string {
  if ('projectId' in scope) return `repository.project_id = ${statement.bind(scope.projectId)}`;
  if (scope.visible.all) return 'TRUE';
  const visible = isVisible(scope.visible, (ids) => statement.bind(ids));
  return `EXISTS (SELECT FROM project WHERE project.id = repository.project_id AND ${visible})`;
}

function repositoryOf(row: RepositoryRow): Repository {
  return {
    id: Number(row.id),
    projectId: row.project_id,
    name: row.name,
    description: row.description,
    artifactCount: row.artifact_count,
    pullCount: Number(row.pull_count),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

interface RepositoryRow {
  readonly id: string;
  readonly project_id: number;
  readonly name: RepositoryName;
  readonly description: string;
  readonly pull_count: string;
  readonly artifact_count: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}
