import type { Database } from '@breakwater/database';
import { findingConditions, reportConditions, SEARCHED, type FindingFilter } from './finding-filter.js';

/** Whose findings are searched. */
export interface SearchScope {
  readonly registrationId: number;
  readonly filter: FindingFilter;
  /** Of `filter.repository`. */
  readonly repositoryId: number | undefined;
}

export interface FoundRow {
  readonly project_id: number;
  readonly artifact_id: string;
  readonly repository: string;
  readonly digest: string;
  readonly cve_id: string;
  readonly severity: string;
  readonly status: string;
  readonly cvss_v3_score: number;
  readonly package: string;
  readonly version: string;
  readonly fix_version: string;
  readonly detail: unknown;
}

/**
 * The statements of a search.
 *
 * There are two ways to the highest scores. Where the filter leaves few reports, all that these have found is sorted.
 * Else findings are walked in the order of their score, and for each the reports that name it, until the page is full.
 * Which way is short is known from the sums of the reports; the planner could only guess.
 */
export class FindingPages {
  constructor(private readonly database: Database) {}

  /** How many findings the reports have that the filter leaves: from their own sums. */
  async countRows({ registrationId, filter, repositoryId }: SearchScope): Promise<number> {
    const params = [registrationId];
    const [row] = await this.database.rows<{ count: string }>(
      `SELECT coalesce(sum(r.row_count), 0) AS count FROM scan_report r
       WHERE ${SEARCHED} AND r.registration_id = $1${reportConditions(filter, repositoryId, params)}`,
      params,
    );
    return Number(row?.count ?? 0);
  }

  /** @param atMost  where counting stops; null for nowhere. */
  async count(scope: SearchScope, rowCount: number, atMost: number | null): Promise<number> {
    const params: (string | number)[] = [scope.registrationId];
    const rows = atMost !== null || rowCount <= SORTED_AT_MOST ? some(scope, rowCount, params) : all(scope, params);
    const limit = atMost === null ? '' : ` LIMIT $${params.push(atMost)}`;
    const [row] = await this.database.rows<{ count: string }>(
      `SELECT count(*) AS count FROM (${rows}${limit}) found`,
      params,
    );
    return Number(row?.count ?? 0);
  }

  async page(
    scope: SearchScope,
    rowCount: number,
    { limit, offset }: { readonly limit: number; readonly offset: number },
  ): Promise<FoundRow[]> {
    const params: (string | number)[] = [scope.registrationId];
    const rows = rowCount <= SORTED_AT_MOST ? sorted(scope, params) : walked(scope, params, limit + offset);
    const found = await this.database.rows<{ vulnerability_id: string; report_id: string }>(
      `${rows} LIMIT $${params.push(limit)} OFFSET $${params.push(offset)}`,
      params,
    );
    if (found.length === 0) return [];
    return this.database.rows<FoundRow>(ROWS, [
      found.map((row) => row.vulnerability_id),
      found.map((row) => row.report_id),
    ]);
  }
}

/** Sorted in some tens of milliseconds. */
const SORTED_AT_MOST = 50_000;

// OFFSET 0 keeps the planner to the way that was chosen: it joins neither side as a whole.

/** For a count that ends soon. */
function some(scope: SearchScope, rowCount: number, params: (string | number)[]): string {
  if (rowCount <= SORTED_AT_MOST) return `SELECT 1 ${ofReports(scope, params)}`;
  return `SELECT 1 FROM (${findings(scope, params)}) v CROSS JOIN LATERAL (${naming(scope, params)} OFFSET 0) l`;
}

function sorted(scope: SearchScope, params: (string | number)[]): string {
  return `SELECT v.id AS vulnerability_id, l.report_id ${ofReports(scope, params)}
          ORDER BY v.cvss_v3_score DESC, v.id, l.report_id`;
}

/**
 * Both parts are in their order by themselves. A finding that is everywhere gives no more than the page can hold: so
 * the planner, which takes all findings for equally common, reads its reports in their order and does not sort them.
 */
function walked(scope: SearchScope, params: (string | number)[], atMost: number): string {
  return `SELECT v.id AS vulnerability_id, l.report_id
          FROM (${findings(scope, params)}) v
          CROSS JOIN LATERAL (${naming(scope, params)} ORDER BY l.report_id LIMIT $${params.push(atMost)}) l
          ORDER BY v.cvss_v3_score DESC, v.id`;
}

function ofReports({ filter, repositoryId }: SearchScope, params: (string | number)[]): string {
  return `FROM (SELECT r.id FROM scan_report r
                WHERE ${SEARCHED} AND r.registration_id = $1${reportConditions(filter, repositoryId, params)}
                OFFSET 0) r
          CROSS JOIN LATERAL (
            SELECT l.report_id, l.vulnerability_id FROM report_vulnerability l WHERE l.report_id = r.id OFFSET 0) l
          CROSS JOIN LATERAL (
            SELECT v.id, v.cvss_v3_score FROM vulnerability v
            WHERE v.id = l.vulnerability_id${findingConditions(filter, params)} OFFSET 0) v`;
}

function findings({ filter }: SearchScope, params: (string | number)[]): string {
  return `SELECT v.id, v.cvss_v3_score FROM vulnerability v
          WHERE v.registration_id = $1${findingConditions(filter, params)}
          ORDER BY v.cvss_v3_score DESC, v.id OFFSET 0`;
}

/** Reports that name the finding `v`. */
function naming({ filter, repositoryId }: SearchScope, params: (string | number)[]): string {
  return `SELECT l.report_id FROM report_vulnerability l
          WHERE l.vulnerability_id = v.id
            AND EXISTS (SELECT FROM scan_report r WHERE r.id = l.report_id
                        AND ${SEARCHED}${reportConditions(filter, repositoryId, params)} OFFSET 0)`;
}

/** In no order, to be counted as a whole: the planner finds the best way to that. */
function all({ filter, repositoryId }: SearchScope, params: (string | number)[]): string {
  return `SELECT 1 FROM vulnerability v
          JOIN report_vulnerability l ON l.vulnerability_id = v.id
          JOIN scan_report r ON r.id = l.report_id
          WHERE v.registration_id = $1${findingConditions(filter, params)}
            AND ${SEARCHED}${reportConditions(filter, repositoryId, params)}`;
}

const ROWS = `
  SELECT r.project_id, r.artifact_id, repository.name AS repository, r.digest, v.cve_id, v.severity, v.status,
         v.cvss_v3_score, v.package, v.version, v.fix_version, v.detail
  FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS found (vulnerability_id, report_id, number)
  JOIN vulnerability v ON v.id = found.vulnerability_id
  JOIN scan_report r ON r.id = found.report_id
  JOIN repository ON repository.id = r.repository_id
  ORDER BY found.number`;
