import type { Database } from '@breakwater/database';
import type { RepositoryName, Tag } from '@breakwater/oci';

export interface TagPage {
  readonly tags: readonly Tag[];
  /** Whether there are tags after the last of these. Never for an empty page. */
  readonly hasMore: boolean;
}

/** Tags by name, as `GET /v2/<name>/tags/list` gives them. */
export class TagDirectory {
  constructor(private readonly database: Database) {}

  /**
   * @param limit  at most so many; 0 asks only whether the repository exists.
   * @param after  only tags behind this text in byte order; it need not be a tag.
   * @returns null for a repository that is not there, or to which only uploads were made.
   */
  async list(
    repository: RepositoryName,
    { limit, after }: { readonly limit: number; readonly after: string | null },
  ): Promise<TagPage | null> {
    const [row] = await this.database.rows<{ tags: Tag[] }>(LIST_TAGS, [repository, after ?? '', limit + 1]);
    if (row === undefined) return null;
    return { tags: row.tags.slice(0, limit), hasMore: limit > 0 && row.tags.length > limit };
  }
}

const LIST_TAGS = {
  name: 'catalog.list-tags',
  text: `
    SELECT ARRAY(
      SELECT tag.name FROM tag
      WHERE tag.repository_id = repository.id AND tag.name > $2
      ORDER BY tag.name LIMIT $3
    ) AS tags
    FROM repository
    WHERE repository.name = $1 AND listed_at IS NOT NULL`,
};
