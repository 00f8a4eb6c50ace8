import type { Queryable } from '@breakwater/database';
import type { VisibleProjects } from '../lists/visible-projects.js';

/** How many there are, of the public and of the caller's private ones. */
export interface CatalogCounts {
  readonly publicProjects: number;
  readonly privateProjects: number;
  readonly publicRepositories: number;
  readonly privateRepositories: number;
}

/** How much is kept here. */
export class CatalogStatistics {
  constructor(private readonly database: Queryable) {}

  /** @param own  whose private projects count: the caller's, or all of them. */
  async count(own: VisibleProjects): Promise<CatalogCounts> {
    const [row] = await this.database.rows<CatalogCounts>(
      `SELECT count(*) FILTER (WHERE is_public)::integer AS "publicProjects",
              count(*) FILTER (WHERE NOT is_public)::integer AS "privateProjects",
              coalesce(sum(repositories) FILTER (WHERE is_public), 0)::integer AS "publicRepositories",
              coalesce(sum(repositories) FILTER (WHERE NOT is_public), 0)::integer AS "privateRepositories"
       FROM (SELECT is_public, (SELECT count(*) FROM repository
                                WHERE repository.project_id = project.id AND listed_at IS NOT NULL) AS repositories
             FROM project
             WHERE is_public OR $1::integer[] IS NULL OR id = ANY ($1)) counted`,
      [own.all ? null : own.projectIds],
    );
    return row ?? { publicProjects: 0, privateProjects: 0, publicRepositories: 0, privateRepositories: 0 };
  }

  /** Bytes of all blobs, each once however many repositories have it. */
  async storedBytes(): Promise<number> {
    const [row] = await this.database.rows<{ bytes: string }>(
      'SELECT coalesce(sum(size_bytes), 0)::text AS bytes FROM blob',
    );
    return Number(row?.bytes ?? 0);
  }
}
