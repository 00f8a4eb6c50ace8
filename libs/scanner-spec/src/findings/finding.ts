import { severityRank, type Severity } from '@breakwater/domain';
import type { JsonObject } from '../reading/reading.js';
import { severityOf } from '../severity.js';
import type { Vulnerability } from '../vulnerability.js';

/** What one scanner found in one artifact: a vulnerability in a version of a package. */
export interface Finding {
  /** Mostly a CVE id. */
  readonly id: string;
  readonly package: string;
  readonly version: string;
  /** Null: no fix is known. */
  readonly fixVersion: string | null;
  /** To count and to colour by. */
  readonly severity: Severity;
  /** To sort and to judge by: 0 to 5, and 99 for a word that nobody has heard of. */
  readonly severityRank: number;
  /** The word itself. */
  readonly severityWord: string;
  readonly status: string | null;
  readonly description: string | null;
  readonly links: readonly string[];
  readonly cvss: Cvss | null;
  readonly cweIds: readonly string[];
  readonly vendorAttributes: JsonObject | null;
}

export interface Cvss {
  /** 0 to 10. */
  readonly scoreV3: number | null;
  readonly vectorV3: string | null;
  readonly scoreV2: number | null;
  readonly vectorV2: string | null;
}

/** The same finding has the same key, whoever reported it: id, package and version. */
export function findingKey({ id, package: name, version }: Pick<Finding, 'id' | 'package' | 'version'>): string {
  // Texts from a report have no NUL in them, so no two findings share a key.
  return `${id}\0${name}\0${version}`;
}

export function findingOf(vulnerability: Vulnerability): Finding {
  const { preferred_cvss: cvss, severity } = vulnerability;
  return {
    id: vulnerability.id,
    package: vulnerability.package,
    version: vulnerability.version,
    fixVersion: vulnerability.fix_version ?? null,
    severity: severityOf(severity),
    severityRank: severityRank(severity),
    severityWord: severity,
    status: vulnerability.status ?? null,
    description: vulnerability.description ?? null,
    links: vulnerability.links,
    cvss: cvss
      ? {
          scoreV3: cvss.score_v3 ?? null,
          vectorV3: cvss.vector_v3 ?? null,
          scoreV2: cvss.score_v2 ?? null,
          vectorV2: cvss.vector_v2 ?? null,
        }
      : null,
    cweIds: vulnerability.cwe_ids ?? [],
    vendorAttributes: vulnerability.vendor_attributes ?? null,
  };
}

/** Back to the field names of the specification, as Harbor's API shows findings. */
export function vulnerabilityOf(finding: Finding): Vulnerability {
  const { cvss } = finding;
  const scores = {
    score_v3: cvss?.scoreV3 ?? null,
    score_v2: cvss?.scoreV2 ?? null,
    vector_v3: cvss?.vectorV3 ?? null,
    vector_v2: cvss?.vectorV2 ?? null,
  };
  return {
    id: finding.id,
    package: finding.package,
    version: finding.version,
    ...(finding.fixVersion === null ? {} : { fix_version: finding.fixVersion }),
    severity: finding.severityWord,
    ...(finding.status === null ? {} : { status: finding.status }),
    ...(finding.description === null ? {} : { description: finding.description }),
    links: finding.links,
    ...(cvss === null ? {} : { preferred_cvss: withoutNulls(scores) }),
    ...(finding.cweIds.length === 0 ? {} : { cwe_ids: finding.cweIds }),
    ...(finding.vendorAttributes === null ? {} : { vendor_attributes: finding.vendorAttributes }),
  };
}

/** Findings of a report, each once: what a scanner repeats (once for each layer, say) is one finding. */
export function findingsOf(vulnerabilities: Iterable<Vulnerability>): Finding[] {
  const found = new Map<string, Finding>();
  for (const vulnerability of vulnerabilities) {
    const finding = findingOf(vulnerability);
    const key = findingKey(finding);
    const before = found.get(key);
    found.set(key, before ? combined(before, finding) : finding);
  }
  return [...found.values()];
}

/** Two reports of the same finding as one: the worse severity, and everything that either knows. */
export function combined(one: Finding, other: Finding): Finding {
  const [worse, milder] = other.severityRank > one.severityRank ? [other, one] : [one, other];
  return {
    ...worse,
    fixVersion: worse.fixVersion ?? milder.fixVersion,
    status: worse.status ?? milder.status,
    description: worse.description ?? milder.description,
    links: [...new Set([...worse.links, ...milder.links])],
    cvss: worse.cvss ?? milder.cvss,
    cweIds: [...new Set([...worse.cweIds, ...milder.cweIds])],
    vendorAttributes: worse.vendorAttributes ?? milder.vendorAttributes,
  };
}

function withoutNulls<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
