/** What is searched for; everything that is given must hold. */
export interface FindingFilter {
  readonly cveId?: string;
  readonly package?: string;
  /** A word of the scanner, e.g. `Critical`. */
  readonly severity?: string;
  readonly status?: string;
  /** CVSS version 3, both ends included. */
  readonly minScore?: number;
  readonly maxScore?: number;
  readonly projectId?: number;
  /** With the project. */
  readonly repository?: string;
  readonly digest?: string;
  /** Of the artifact, or of an index that holds it. */
  readonly tag?: string;
}

/** Conditions of a statement, and the parameters that they have. */
class Conditions {
  private readonly parts: string[] = [];

  /** @param params  those that the statement has already; more are added to them. */
  constructor(readonly params: (string | number)[]) {}

  /** @param make  a condition of the placeholder; none for a value that is not there. */
  add(value: string | number | undefined, make: (placeholder: string) => string): this {
    if (value !== undefined) this.parts.push(make(`$${this.params.push(value)}`));
    return this;
  }

  /** Begins with AND where there is any. */
  get sql(): string {
    return this.parts.map((part) => ` AND ${part}`).join('');
  }
}

/** On `vulnerability v`. */
export function findingConditions(filter: FindingFilter, params: (string | number)[]): string {
  return new Conditions(params)
    .add(filter.cveId, (value) => `v.cve_id = ${value}`)
    .add(filter.package, (value) => `v.package = ${value}`)
    .add(filter.severity, (value) => `v.severity = ${value}`)
    .add(filter.status, (value) => `v.status = ${value}`)
    .add(filter.minScore, (value) => `v.cvss_v3_score >= ${value}::float8`)
    .add(filter.maxScore, (value) => `v.cvss_v3_score <= ${value}::float8`).sql;
}

/** On `scan_report r`. @param repositoryId  of `filter.repository`. */
export function reportConditions(
  filter: FindingFilter,
  repositoryId: number | undefined,
  params: (string | number)[],
): string {
  return new Conditions(params)
    .add(filter.projectId, (value) => `r.project_id = ${value}::bigint`)
    .add(repositoryId, (value) => `r.repository_id = ${value}::bigint`)
    .add(filter.digest, (value) => `r.digest = ${value}`)
    .add(filter.tag, (value) => `r.artifact_id IN (${taggedArtifacts(value)})`).sql;
}

export function asksForFindings(filter: FindingFilter): boolean {
  return findingConditions(filter, []) !== '';
}

/** Reports that are searched, of `scan_report r`: as the partial indexes have it. */
export const SEARCHED = `r.is_good AND r.kind = 'vulnerability' AND r.artifact_id IS NOT NULL`;

function taggedArtifacts(tag: string): string {
  return `SELECT artifact_id FROM tag WHERE name = ${tag}
          UNION SELECT reference.child_id FROM tag
                JOIN artifact_reference reference ON reference.artifact_id = tag.artifact_id
                WHERE tag.name = ${tag} AND reference.child_id IS NOT NULL`;
}
