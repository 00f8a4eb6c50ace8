import type { Database } from '@breakwater/database';
import type { Vulnerability } from '@breakwater/scanner-spec';
import type { ScannerDirectory } from '../project-scanners/scanner-directory.js';
import { asksForFindings, type FindingFilter } from './finding-filter.js';
import { FindingPages, type FoundRow } from './finding-pages.js';

/** One finding in one artifact. */
export interface FoundFinding {
  readonly projectId: number;
  readonly repository: string;
  readonly digest: string;
  /** Of the artifact and of the indexes that hold it; none unless they are asked for. */
  readonly tags: readonly string[];
  readonly cveId: string;
  readonly severity: string;
  readonly status: string;
  readonly cvssV3Score: number;
  readonly package: string;
  readonly version: string;
  readonly fixVersion: string;
  readonly description: string;
  readonly links: readonly string[];
}

export interface FindingSearchRequest {
  readonly filter: FindingFilter;
  readonly limit: number;
  readonly offset: number;
  readonly withTags: boolean;
  /** More than `COUNTED_AT_MOST` are not counted. */
  readonly tunesCount: boolean;
}

export interface FoundFindings {
  readonly items: readonly FoundFinding[];
  /** Of all pages; null: more than `COUNTED_AT_MOST`, and not counted. */
  readonly total: number | null;
}

/** As Harbor counts when it is asked to be quick. */
export const COUNTED_AT_MOST = 1_000;

/**
 * Findings of the default scanner in all artifacts, the highest CVSS score first. Rights were decided before.
 *
 * Sized for ten million: a page reads about its own rows, by the order of an index or from the few reports that the
 * filter leaves; a count reads the sums that reports have, unless the filter asks for findings.
 */
export class FindingSearch {
  private readonly pages: FindingPages;

  constructor(
    private readonly database: Database,
    private readonly scanners: Pick<ScannerDirectory, 'default'>,
  ) {
    this.pages = new FindingPages(database);
  }

  async find(request: FindingSearchRequest): Promise<FoundFindings> {
    const { filter } = request;
    const scanner = await this.scanners.default();
    const repositoryId = filter.repository === undefined ? undefined : await this.repositoryId(filter.repository);
    if (scanner === null || repositoryId === null) return NOTHING;
    const scope = { registrationId: scanner.id, filter, repositoryId };
    const rowCount = await this.pages.countRows(scope);
    if (rowCount === 0) return NOTHING;
    const total = asksForFindings(filter)
      ? await this.pages.count(scope, rowCount, request.tunesCount ? COUNTED_AT_MOST + 1 : null)
      : rowCount;
    const rows = request.offset >= total && !request.tunesCount ? [] : await this.pages.page(scope, rowCount, request);
    const tags = request.withTags ? await this.tagsOf(rows) : NO_TAGS;
    return {
      items: rows.map((row) => findingOf(row, tags)),
      total: request.tunesCount && total > COUNTED_AT_MOST ? null : total,
    };
  }

  private async repositoryId(name: string): Promise<number | null> {
    const [row] = await this.database.rows<{ id: string }>('SELECT id FROM repository WHERE name = $1', [name]);
    return row === undefined ? null : Number(row.id);
  }

  private async tagsOf(rows: readonly FoundRow[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const ids = [...new Set(rows.map((row) => row.artifact_id))];
    if (ids.length === 0) return NO_TAGS;
    const found = await this.database.rows<{ id: string; tags: string[] }>(TAGS, [ids]);
    return new Map(found.map(({ id, tags }) => [id, tags]));
  }
}

const NOTHING: FoundFindings = { items: [], total: 0 };
const NO_TAGS: ReadonlyMap<string, readonly string[]> = new Map();

const TAGS = `
  SELECT named.id, array_agg(DISTINCT tag.name ORDER BY tag.name) AS tags
  FROM (
    SELECT id, id AS tagged FROM unnest($1::bigint[]) AS asked (id)
    UNION
    SELECT child_id, artifact_id FROM artifact_reference WHERE child_id = ANY ($1::bigint[])
  ) named
  JOIN tag ON tag.artifact_id = named.tagged
  GROUP BY named.id`;

function findingOf(row: FoundRow, tags: ReadonlyMap<string, readonly string[]>): FoundFinding {
  const detail = row.detail as Partial<Vulnerability>;
  return {
    projectId: row.project_id,
    repository: row.repository,
    digest: row.digest,
    tags: tags.get(row.artifact_id) ?? [],
    cveId: row.cve_id,
    severity: row.severity,
    status: row.status,
    cvssV3Score: row.cvss_v3_score,
    package: row.package,
    version: row.version,
    fixVersion: row.fix_version,
    description: detail.description ?? '',
    links: detail.links ?? [],
  };
}
