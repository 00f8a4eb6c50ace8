import type { Transaction } from '@breakwater/database';
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
    artifactId: string,
    tags: readonly Tag[],
  ): Promise<readonly PlacedTag[]> {
    if (tags.length === 0) return [];
    const before = await tx.rows<TagRow>(
      `SELECT t.name, t.artifact_id, a.digest FROM tag t JOIN artifact a ON a.id = t.artifact_id
       WHERE t.repository_id = $1 AND t.name = ANY ($2::text[])`,
      [repositoryId, tags],
    );
    const rows = new Map(before.map((row) => [row.name, row]));
    const changed = tags.filter((tag) => rows.get(tag)?.artifact_id !== artifactId);
    if (changed.length === 0) return [];
    await tx.execute(
      `INSERT INTO tag (repository_id, artifact_id, name, pushed_at)
       SELECT $1, $2, name, clock_timestamp() FROM unnest($3::text[]) AS name
       ON CONFLICT (repository_id, name) DO UPDATE
       SET artifact_id = excluded.artifact_id, pushed_at = excluded.pushed_at`,
      [repositoryId, artifactId, changed],
    );
    const losers = changed.flatMap((tag) => rows.get(tag)?.artifact_id ?? []);
    await this.recount(tx, [artifactId, ...losers]);
    return changed.map((tag) => ({ tag, from: rows.get(tag)?.digest ?? null }));
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
    const [gone] = await tx.rows<{ artifact_id: string }>(
      'DELETE FROM tag WHERE repository_id = $1 AND name = $2 RETURNING artifact_id',
      [repositoryId, tag],
    );
    if (gone === undefined) return null;
    return (await this.recount(tx, [gone.artifact_id]))[0] ?? null;
  }

  private async recount(tx: Transaction, artifactIds: readonly string[]): Promise<Digest[]> {
    const rows = await tx.rows<{ digest: Digest }>(
      `UPDATE artifact a SET tag_count = (SELECT count(*) FROM tag t WHERE t.artifact_id = a.id)
       WHERE a.id = ANY ($1::bigint[]) RETURNING a.digest`,
      [artifactIds],
    );
    return rows.map((row) => row.digest);
  }
}

interface TagRow {
  readonly name: Tag;
  readonly artifact_id: string;
  readonly digest: Digest;
}
