import type { Database } from '@breakwater/database';
import type { RepositoryName } from '@breakwater/oci';

export interface RepositoryPage {
  readonly repositories: readonly RepositoryName[];
  /** Whether there are repositories after the last of these. Never for an empty page. */
  readonly hasMore: boolean;
}

/** Which projects a caller may look into. */
export type ReadableProjects = { readonly all: true } | { readonly projectIds: readonly number[] };

/** Repositories by name, as `GET /v2/_catalog` gives them: those with at least one tag, as Harbor shows them. */
export class RepositoryDirectory {
  constructor(private readonly database: Database) {}

  /**
   * @param limit  at most so many.
   * @param after  only names behind this text in byte order; it need not be a name.
   */
  async list(page: {
    readonly limit: number;
    readonly after: string | null;
    readonly readable: ReadableProjects;
  }): Promise<RepositoryPage> {
    if (page.limit === 0) return { repositories: [], hasMore: false };
    const projectIds = 'all' in page.readable ? null : page.readable.projectIds;
    const rows = await this.database.rows<{ name: RepositoryName }>(
      `SELECT name FROM repository
       WHERE name > $1 AND listed_at IS NOT NULL AND ($2::int[] IS NULL OR project_id = ANY ($2))
         AND EXISTS (SELECT FROM tag WHERE tag.repository_id = repository.id)
       ORDER BY name LIMIT $3`,
      [page.after ?? '', projectIds, page.limit + 1],
    );
    const repositories = rows.slice(0, page.limit).map((row) => row.name);
    return { repositories, hasMore: rows.length > page.limit };
  }
}
