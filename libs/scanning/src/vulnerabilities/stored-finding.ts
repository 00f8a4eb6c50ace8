import { findingOf, vulnerabilityOf, type Finding, type Vulnerability } from '@breakwater/scanner-spec';
import { createHash } from 'node:crypto';

/** A finding as its row has it: what is searched for in columns, and what only the report shows. */
export interface StoredFinding {
  /** Of 128 bits, as a uuid: the same for the same words of the same scanner, and for nothing else. */
  readonly fingerprint: string;
  readonly cveId: string;
  readonly package: string;
  readonly version: string;
  readonly fixVersion: string;
  readonly severity: string;
  readonly severityRank: number;
  readonly status: string;
  readonly cvssV3Score: number;
  /** JSON text. */
  readonly detail: string;
}

export function storedFindingOf(registrationId: number, finding: Finding): StoredFinding {
  const item = vulnerabilityOf(finding);
  const { description, links, preferred_cvss, cwe_ids, vendor_attributes } = item;
  const columns = {
    cveId: item.id,
    package: item.package,
    version: item.version,
    fixVersion: item.fix_version ?? '',
    severity: item.severity,
    severityRank: finding.severityRank,
    status: item.status ?? '',
    cvssV3Score: finding.cvss?.scoreV3 ?? 0,
    detail: JSON.stringify({ description, links, preferred_cvss, cwe_ids, vendor_attributes }, storable),
  };
  return { fingerprint: fingerprintOf(registrationId, columns), ...columns };
}

/** The item of the report again. */
export function findingOfRow(row: FindingRow): Finding {
  return findingOf({
    ...row.detail,
    id: row.cve_id,
    package: row.package,
    version: row.version,
    ...(row.fix_version === '' ? {} : { fix_version: row.fix_version }),
    severity: row.severity,
    ...(row.status === '' ? {} : { status: row.status }),
    links: row.detail.links ?? [],
  });
}

export interface FindingRow {
  readonly cve_id: string;
  readonly package: string;
  readonly version: string;
  readonly fix_version: string;
  readonly severity: string;
  readonly status: string;
  readonly detail: Partial<Vulnerability>;
}

/** PostgreSQL has no NUL and no half surrogate pair. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '') : value;
}

function fingerprintOf(registrationId: number, columns: object): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([registrationId, columns]))
    .digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
