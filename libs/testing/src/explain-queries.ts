import type { Database, SqlValue } from '@breakwater/database';

/** What a statement read, as PostgreSQL tells after having run it. */
export interface ReadRows {
  readonly sql: string;
  /** Rows taken out of tables and indexes, whether they were of use or not. */
  readonly rows: number;
  /** Tables that were read from end to end. */
  readonly scanned: readonly string[];
}

/** Runs `work` over a database that remembers its queries, and explains each of them. */
export async function explainQueries(
  database: Database,
  work: (database: Database) => Promise<unknown>,
): Promise<readonly ReadRows[]> {
  const asked: { sql: string; params: readonly SqlValue[] }[] = [];
  const remembering = Object.create(database) as Database;
  remembering.rows = (sql: string, params: readonly SqlValue[] = []) => {
    // A plan that is asked for reads no rows.
    if (!sql.startsWith('EXPLAIN')) asked.push({ sql, params: [...params] });
    return database.rows(sql, params);
  };
  await work(remembering);
  const explained: ReadRows[] = [];
  for (const { sql, params } of asked) {
    const [row] = await database.rows<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${sql}`,
      params,
    );
    const nodes = row === undefined ? [] : flat(row['QUERY PLAN'][0].Plan);
    explained.push({
      sql,
      rows: Math.round(nodes.reduce((sum, node) => sum + rowsReadBy(node), 0)),
      scanned: nodes.flatMap((node) => (node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : [])),
    });
  }
  return explained;
}

function flat(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flat)];
}

/** Averages are per loop; a bitmap's index part and its heap part count the same rows, so only one of them does. */
function rowsReadBy(node: PlanNode): number {
  if (!node['Node Type'].endsWith('Scan') || node['Node Type'] === 'Bitmap Index Scan') return 0;
  if (node['Relation Name'] === undefined) return 0;
  const perLoop =
    node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return perLoop * node['Actual Loops'];
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}
