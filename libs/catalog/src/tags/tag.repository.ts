import type { PreparedStatement, Transaction } from '@breakwater/database';
import type { Digest, Tag } from '@breakwater/oci';

/** A tag that points elsewhere than before. */
export interface PlacedTag {
  readonly tag: Tag;
  /** Where it pointed until now; null for a new tag. */
  readonly from: Digest | null;
}

/** Rows of `tag`, and `artifact.tag_count` with them. Every method is called under the repository's lock `change`. */
export class TagRepository {
  /**
   * Points tags at an artifact: new ones are made, others moved; those that point there already stay untouched.
   *
   * @returns the tags that were made or moved, in the order given.
   */
  async place(
    tx: Transaction,
    repositoryId: string,
    digest: Digest,
    tags: readonly Tag[],
  ): Promise<readonly PlacedTag[]> {
    if (tags.length === 0) return [];
    const rows = await tx.rows<{ tag: Tag; from: Digest | null }>(PLACE, [repositoryId, digest, tags]);
    const placed = new Map(rows.map((row) => [row.tag, row]));
    return tags.flatMap((tag) => placed.get(tag) ?? []);
  }

  /** @param artifactId  on this artifact; on any when left out. */
  async exists(tx: Transaction, repositoryId: string, tag: Tag, artifactId: string | null = null): Promise<boolean> {
    const rows = await tx.rows(
      'SELECT FROM tag WHERE repository_id = $1 AND name = $2 AND ($3::bigint IS NULL OR artifact_id = $3)',
      [repositoryId, tag, artifactId],
    );
    return rows.length > 0;
  }

  /** @returns what it pointed at; null when there is no such tag. */
  async remove(tx: Transaction, repositoryId: string, tag: Tag): Promise<Digest | null> {
    const [gone] = await tx.rows<{ digest: Digest }>(
      `WITH gone AS (
         DELETE FROM tag WHERE repository_id = $1 AND name = $2 RETURNING artifact_id
       )
       UPDATE artifact SET tag_count = tag_count - 1 FROM gone WHERE id = gone.artifact_id RETURNING digest`,
      [repositoryId, tag],
    );
    return gone?.digest ?? null;
  }
}

/** $1 repository, $2 digest, $3 tags. The counts move by what was changed: nobody else counts beside us. */
const PLACE: PreparedStatement = {
  name: 'catalog.place-tags',
  text: `
  WITH target AS (
    SELECT id FROM artifact WHERE repository_id = $1 AND digest = $2
  ), placed AS (
    INSERT INTO tag (repository_id, artifact_id, name, pushed_at)
    SELECT $1, target.id, name, clock_timestamp() FROM target, unnest($3::text[]) AS name
    ON CONFLICT (repository_id, name) DO UPDATE
    SET artifact_id = excluded.artifact_id, pushed_at = excluded.pushed_at
    WHERE tag.artifact_id <> excluded.artifact_id
    RETURNING new.name AS tag, old.artifact_id AS loser
  ), change AS (
    SELECT (SELECT id FROM target) AS id, count(*) AS delta FROM placed
    UNION ALL
    SELECT loser, -count(*) FROM placed WHERE loser IS NOT NULL GROUP BY loser
  ), counted AS (
    UPDATE artifact SET tag_count = tag_count + change.delta FROM change
    WHERE artifact.id = change.id AND change.delta <> 0
  )
  SELECT placed.tag, artifact.digest AS "from" FROM placed LEFT JOIN artifact ON artifact.id = placed.loser`,
};
