import type { Queryable, Transaction } from '@breakwater/database';

/** What is known of an artifact from scans of one kind. */
export type OverviewKind = 'vulnerability' | 'sbom';

/** JSON as the API shows it: `scan_overview` (a map by media type of the report), or `sbom_overview`. */
export type OverviewJson = Readonly<Record<string, unknown>>;

/**
 * The summaries of scans that lists show with an artifact. What they say is made by who scans (libs/scanning), in the
 * transaction that changes a report; that they go with their artifact is seen to here.
 */
export class ArtifactOverviews {
  /** @param overview  null: there is nothing to show any more. Nothing happens when the artifact is gone. */
  async put(tx: Transaction, artifactId: number, kind: OverviewKind, overview: OverviewJson | null): Promise<void> {
    await this.putAll(tx, kind, new Map([[artifactId, overview]]));
  }

  /** Many at once. @param overviews  by artifact id. */
  async putAll(
    tx: Transaction,
    kind: OverviewKind,
    overviews: ReadonlyMap<number, OverviewJson | null>,
  ): Promise<void> {
    if (overviews.size === 0) return;
    const column = COLUMN[kind];
    const texts = [...overviews.values()].map((overview) => (overview === null ? null : JSON.stringify(overview)));
    // By id, as everybody who writes several.
    await tx.execute(
      `INSERT INTO artifact_overview (artifact_id, ${column})
       SELECT told.artifact_id, told.overview
       FROM unnest($1::bigint[], $2::jsonb[]) AS told (artifact_id, overview)
       JOIN artifact ON artifact.id = told.artifact_id
       ORDER BY told.artifact_id
       ON CONFLICT (artifact_id) DO UPDATE SET ${column} = excluded.${column}`,
      [[...overviews.keys()], texts],
    );
  }

  /** By artifact id; an artifact without one is left out. */
  async find(
    database: Queryable,
    artifactIds: readonly number[],
    kind: OverviewKind,
  ): Promise<ReadonlyMap<number, OverviewJson>> {
    const column = COLUMN[kind];
    const rows = await database.rows<{ artifact_id: string; overview: OverviewJson }>(
      `SELECT artifact_id, ${column} AS overview FROM artifact_overview
       WHERE artifact_id = ANY ($1::bigint[]) AND ${column} IS NOT NULL`,
      [artifactIds],
    );
    return new Map(rows.map((row) => [Number(row.artifact_id), row.overview]));
  }
}

const COLUMN = { vulnerability: 'vulnerability', sbom: 'sbom' } as const satisfies Record<OverviewKind, string>;
