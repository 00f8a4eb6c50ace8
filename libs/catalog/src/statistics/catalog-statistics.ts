import { CachedLookup, type Queryable } from '@breakwater/database';
import type { VisibleProjects } from '../lists/visible-projects.js';

/** How many there are, of the public and of the caller's private ones. */
export interface CatalogCounts {
  readonly publicProjects: number;
  readonly privateProjects: number;
  readonly publicRepositories: number;
  readonly privateRepositories: number;
}

/** Adding all blobs up reads their whole table: for a number that people look at, once a minute is often enough. */
export const STORED_BYTES_AGE_MS = 60_000;

/** How much is kept here. */
export class CatalogStatistics {
  private readonly sum: CachedLookup<'blobs', number>;

  /** @param nowMs  never goes back. */
  constructor(
    private readonly database: Queryable,
    nowMs?: () => number,
  ) {
    this.sum = new CachedLookup({
      find: async () => [await this.addUpBlobs()],
      ttlMs: STORED_BYTES_AGE_MS,
      maxEntries: 1,
      maxBatch: 1,
      concurrency: 1,
      ...(nowMs === undefined ? {} : { nowMs }),
    });
  }

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

  /**
   * Bytes of all blobs, each once however many repositories have it: as of at most a minute ago, and asked of the
   * database once however many want to know.
   */
  storedBytes(): Promise<number> {
    return this.sum.get('blobs');
  }

  private async addUpBlobs(): Promise<number> {
    const [row] = await this.database.rows<{ bytes: string }>(
      'SELECT coalesce(sum(size_bytes), 0)::text AS bytes FROM blob',
    );
    return Number(row?.bytes ?? 0);
  }
}
