import type { Database } from '@breakwater/database';
import type { Vulnerability } from '@breakwater/scanner-spec';
import type { ScannerDirectory } from '../project-scanners/scanner-directory.js';
import { SEARCHED } from './finding-filter.js';

/** What the default scanner has found in everything, as sums over its last good reports. */
export interface SecuritySummary {
  readonly critical: number;
  readonly high: number;
  readonly medium: number;
  readonly low: number;
  /** With what is negligible: the six are the total. */
  readonly none: number;
  readonly unknown: number;
  readonly total: number;
  readonly fixable: number;
  /** Artifacts that have a report, and indexes that hold one. */
  readonly scannedArtifacts: number;
  /** Without accessories. */
  readonly artifacts: number;
}

export interface DangerousArtifact {
  readonly projectId: number;
  readonly repository: string;
  readonly digest: string;
  readonly critical: number;
  readonly high: number;
  readonly medium: number;
}

export interface DangerousCve {
  readonly cveId: string;
  readonly severity: string;
  readonly cvssV3Score: number;
  readonly description: string;
  readonly package: string;
  readonly version: string;
}

/** The first page of the security hub. It reads reports and never findings. Rights were decided before. */
export class SecuritySummaries {
  constructor(
    private readonly database: Database,
    private readonly scanners: Pick<ScannerDirectory, 'default'>,
  ) {}

  async summary(): Promise<SecuritySummary> {
    const scanner = await this.scanners.default();
    const [row] = await this.database.rows<Record<keyof SecuritySummary, string>>(SUMS, [scanner?.id ?? NO_SCANNER]);
    return Object.fromEntries(
      Object.entries(row ?? {}).map(([name, value]) => [name, Number(value)]),
    ) as unknown as SecuritySummary;
  }

  /** The five with most critical findings, then high, medium and low ones; without such there is no danger. */
  async dangerousArtifacts(): Promise<readonly DangerousArtifact[]> {
    const scanner = await this.scanners.default();
    return scanner === null ? [] : this.database.rows<DangerousArtifact>(DANGEROUS_ARTIFACTS, [scanner.id]);
  }

  /** The five CVEs with the highest scores that are found in any artifact, each with the package that it is in. */
  async dangerousCves(): Promise<readonly DangerousCve[]> {
    const scanner = await this.scanners.default();
    const found: DangerousCve[] = [];
    while (scanner !== null && found.length < SHOWN) {
      const [row] = await this.database.rows<Omit<DangerousCve, 'description'> & { detail: Partial<Vulnerability> }>(
        NEXT_DANGEROUS_CVE,
        [scanner.id, found.map(({ cveId }) => cveId)],
      );
      if (row === undefined) break;
      const { detail, ...rest } = row;
      found.push({ ...rest, description: detail.description ?? '' });
    }
    return found;
  }
}

const SHOWN = 5;
/** No registration has this id: everything but the number of artifacts is 0. */
const NO_SCANNER = 0;

const SUMS = `
  SELECT coalesce(sum(critical_count), 0) AS critical, coalesce(sum(high_count), 0) AS high,
         coalesce(sum(medium_count), 0) AS medium, coalesce(sum(low_count), 0) AS low,
         coalesce(sum(none_count + negligible_count), 0) AS none, coalesce(sum(unknown_count), 0) AS unknown,
         coalesce(sum(total_count), 0) AS total, coalesce(sum(fixable_count), 0) AS fixable,
         count(*) + (SELECT count(DISTINCT reference.artifact_id)
                     FROM artifact_reference reference JOIN scan_report r ON r.artifact_id = reference.child_id
                     WHERE reference.child_id IS NOT NULL AND ${SEARCHED} AND r.registration_id = $1)
           AS "scannedArtifacts",
         (SELECT count(*) FROM artifact WHERE accessory_type IS NULL) AS artifacts
  FROM scan_report r WHERE ${SEARCHED} AND r.registration_id = $1`;

const DANGEROUS_ARTIFACTS = `
  SELECT r.project_id AS "projectId", repository.name AS repository, r.digest, r.critical_count AS critical,
         r.high_count AS high, r.medium_count AS medium
  FROM (SELECT * FROM scan_report r
        WHERE ${SEARCHED} AND r.registration_id = $1
          AND (r.critical_count, r.high_count, r.medium_count, r.low_count) > (0, 0, 0, 0)
        ORDER BY r.critical_count DESC, r.high_count DESC, r.medium_count DESC, r.low_count DESC, r.id
        LIMIT ${SHOWN}) r
  JOIN repository ON repository.id = r.repository_id
  ORDER BY r.critical_count DESC, r.high_count DESC, r.medium_count DESC, r.low_count DESC, r.id`;

/** One after the other, for a CVE is as many rows as there are packages that have it. */
const NEXT_DANGEROUS_CVE = `
  SELECT v.cve_id AS "cveId", v.severity, v.cvss_v3_score AS "cvssV3Score", v.package, v.version, v.detail
  FROM vulnerability v
  WHERE v.registration_id = $1 AND v.cvss_v3_score > 0 AND v.cve_id <> ALL ($2::text[])
    AND EXISTS (SELECT FROM report_vulnerability l JOIN scan_report r ON r.id = l.report_id
                WHERE l.vulnerability_id = v.id AND ${SEARCHED} OFFSET 0)
  ORDER BY v.cvss_v3_score DESC, v.id LIMIT 1`;
