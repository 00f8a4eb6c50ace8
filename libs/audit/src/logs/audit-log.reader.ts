import type { Database, SqlValue } from '@breakwater/database';

/** One row, as it is shown. */
export interface AuditLogRow {
  readonly id: number;
  readonly username: string;
  readonly operation: string;
  readonly resourceType: string;
  readonly resource: string;
  readonly description: string;
  readonly isSuccess: boolean;
  readonly at: Date;
}

export interface AuditLogPage {
  readonly items: readonly AuditLogRow[];
  /** Of all pages: exact up to `COUNTED`, beyond that about. There is always more than this page when there is more. */
  readonly total: number;
}

/** What libs/http makes of `q`, `sort`, `page` and `page_size`, over `auditLogFields`. */
export interface AuditLogRequest {
  readonly where?: { readonly sql: string; readonly params: readonly SqlValue[] };
  /** `op_time` in either direction, and `id` last in the same one; the newest first by default. */
  readonly orderBy?: string;
  readonly limit: number;
  readonly offset: number;
}

/** Whose rows: of the system and all projects, of all projects, or of some. */
export type AuditLogScope =
  | { readonly kind: 'everything' }
  | { readonly kind: 'all-projects' }
  | { readonly kind: 'projects'; readonly projectIds: readonly number[] };

/** Rows that a total counts one by one. */
export const COUNTED = 10_000;

/**
 * The audit log, a page at a time. A page is read along an index of time, so the newest cost the same however old the
 * log is; what is beyond `COUNTED` is estimated and not counted.
 */
export class AuditLogReader {
  constructor(private readonly database: Database) {}

  async list(scope: AuditLogScope, request: AuditLogRequest): Promise<AuditLogPage> {
    if (scope.kind === 'projects' && scope.projectIds.length === 0) return { items: [], total: 0 };
    const found = await this.database.rows<StoredRow>(...pageOf(scope, request));
    const items = found.slice(0, request.limit).map(rowOf);
    return { items, total: await this.totalOf(scope, request, found.length) };
  }

  /** @param found  rows of the page, and one more where there is a next page. */
  private async totalOf(scope: AuditLogScope, request: AuditLogRequest, found: number): Promise<number> {
    const { limit, offset } = request;
    if (found <= limit && (found > 0 || offset === 0)) return offset + found;
    const [{ count } = { count: 0 }] = await this.database.rows<{ count: number }>(...countOf(scope, request));
    if (count <= COUNTED) return count;
    // A page beyond the end must not promise another one; one before it must.
    if (found === 0) return Math.min(await this.estimate(scope, request), offset);
    return Math.max(await this.estimate(scope, request), count, offset + found);
  }

  private async estimate(scope: AuditLogScope, request: AuditLogRequest): Promise<number> {
    const { where, params, bind } = conditionOf(request, scope);
    const isVisible = scope.kind === 'projects' ? `project_id = ANY (${bind(scope.projectIds)}::integer[])` : 'TRUE';
    const sql = `EXPLAIN (FORMAT JSON) SELECT FROM audit_log WHERE ${isVisible} AND ${where}`;
    const [row] = await this.database.rows<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(sql, params);
    return row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
  }
}

type Sql = [sql: string, params: SqlValue[]];

const NEWEST_FIRST = 'op_time DESC, id DESC';

/**
 * The ids of a page come from an index alone where nothing else is asked for; their rows are read by id. Of several
 * projects each gives the newest it has: an index that begins with the project cannot be read across projects in time.
 */
function pageOf(scope: AuditLogScope, request: AuditLogRequest): Sql {
  const { where, params, bind } = conditionOf(request, scope);
  const { orderBy = NEWEST_FIRST } = request;
  const [limit, offset] = [bind(request.limit + 1), bind(request.offset)];
  const ids =
    scope.kind !== 'projects'
      ? `SELECT id FROM audit_log WHERE ${where} ORDER BY ${orderBy} LIMIT ${limit} OFFSET ${offset}`
      : `SELECT id FROM unnest(${bind(scope.projectIds)}::integer[]) AS visible (project)
       CROSS JOIN LATERAL (
         SELECT id, op_time FROM audit_log WHERE project_id = visible.project AND ${where}
         ORDER BY ${orderBy} LIMIT ${limit}::bigint + ${offset}::bigint
       ) AS newest
       ORDER BY ${orderBy} LIMIT ${limit} OFFSET ${offset}`;
  return [`SELECT audit_log.* FROM (${ids}) AS page JOIN audit_log USING (id) ORDER BY ${orderBy}`, params];
}

function countOf(scope: AuditLogScope, request: AuditLogRequest): Sql {
  const { where, params, bind } = conditionOf(request, scope);
  const most = bind(COUNTED + 1);
  const counted =
    scope.kind !== 'projects'
      ? `SELECT FROM audit_log WHERE ${where} LIMIT ${most}`
      : `SELECT FROM unnest(${bind(scope.projectIds)}::integer[]) AS visible (project)
       CROSS JOIN LATERAL (
         SELECT FROM audit_log WHERE project_id = visible.project AND ${where} LIMIT ${most}
       ) AS found LIMIT ${most}`;
  return [`SELECT count(*)::integer AS count FROM (${counted}) AS counted`, params];
}

function conditionOf({ where }: AuditLogRequest, { kind }: AuditLogScope) {
  const params: SqlValue[] = [...(where?.params ?? [])];
  const bind = (value: SqlValue): string => `$${params.push(value)}`;
  const conditions = [
    ...(kind === 'all-projects' ? ['project_id IS NOT NULL'] : []),
    ...(where === undefined ? [] : [`(${where.sql})`]),
  ];
  return { where: conditions.join(' AND ') || 'TRUE', params, bind };
}

interface StoredRow {
  readonly id: string;
  readonly op_time: Date;
  readonly username: string;
  readonly operation: string;
  readonly resource_type: string;
  readonly resource: string;
  readonly description: string;
  readonly is_success: boolean;
}

function rowOf(row: StoredRow): AuditLogRow {
  return {
    id: Number(row.id),
    username: row.username,
    operation: row.operation,
    resourceType: row.resource_type,
    resource: row.resource,
    description: row.description,
    isSuccess: row.is_success,
    at: row.op_time,
  };
}
