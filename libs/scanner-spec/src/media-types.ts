import { MediaType as OciMediaType } from '@breakwater/oci';

/**
 * Media types of the pluggable scanner API, to the byte: adapters compare them literally, the space after `;` included.
 * So send these, and compare what comes back with `isSameMediaType`.
 *
 * @see goharbor/pluggable-scanner-spec, openapi v1.0 to v1.2. (Its README has some of them wrong.)
 */
export const ScannerMediaType = {
  METADATA: 'application/vnd.scanner.adapter.metadata+json; version=1.0',
  METADATA_1_1: 'application/vnd.scanner.adapter.metadata+json; version=1.1',
  SCAN_REQUEST: 'application/vnd.scanner.adapter.scan.request+json; version=1.0',
  SCAN_REQUEST_1_1: 'application/vnd.scanner.adapter.scan.request+json; version=1.1',
  SCAN_RESPONSE: 'application/vnd.scanner.adapter.scan.response+json; version=1.0',
  ERROR: 'application/vnd.scanner.adapter.error+json; version=1.0',
  /** Harbor's own report, since 1.0. */
  NATIVE_REPORT: 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0',
  /** Since 1.1, with CVSS and CWE. There is no `+json` in it. */
  GENERIC_REPORT: 'application/vnd.security.vulnerability.report; version=1.1',
  /** As the vendor likes it; nothing reads it. */
  RAW_REPORT: 'application/vnd.scanner.adapter.vuln.report.raw',
  /** Since 1.2. */
  SBOM_REPORT: 'application/vnd.security.sbom.report+json; version=1.0',
} as const;

/** Formats of an SBOM, as `media_type` of a report and `sbom_media_type` of a question have them. */
export const SBOM_FORMATS = ['application/spdx+json', 'application/vnd.cyclonedx+json'] as const;
export type SbomFormat = (typeof SBOM_FORMATS)[number];
export const [SPDX, CYCLONEDX] = SBOM_FORMATS;

/** Reports of vulnerabilities that we can read, the richer first. */
export const VULNERABILITY_REPORT_TYPES = [ScannerMediaType.GENERIC_REPORT, ScannerMediaType.NATIVE_REPORT] as const;
export type VulnerabilityReportType = (typeof VULNERABILITY_REPORT_TYPES)[number];

/** Every report that we can read. */
export type ReportType = VulnerabilityReportType | typeof ScannerMediaType.SBOM_REPORT;

/** Artifacts that every adapter is to consume. */
export const SCANNABLE_MANIFEST_TYPES = [OciMediaType.DockerManifest, OciMediaType.OciManifest] as const;

/**
 * Whether two media types are the same but for case, spaces and the order of parameters. A `version` that only one
 * side names counts as any.
 */
export function isSameMediaType(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [essence(one), essence(other)];
  return a.name === b.name && (a.version === null || b.version === null || a.version === b.version);
}

export function findSbomFormat(text: string): SbomFormat | null {
  return SBOM_FORMATS.find((format) => isSameMediaType(format, text)) ?? null;
}

export function findReportType(text: string): ReportType | null {
  const known = [...VULNERABILITY_REPORT_TYPES, ScannerMediaType.SBOM_REPORT] as const;
  return known.find((type) => isSameMediaType(type, text)) ?? null;
}

function essence(mediaType: string): { name: string; version: string | null } {
  const [name = '', ...parameters] = mediaType.split(';').map((part) => part.trim().toLowerCase());
  const version = parameters.map((parameter) => /^version\s*=\s*"?([^"]*)"?$/.exec(parameter)?.[1]).find(Boolean);
  return { name, version: version ?? null };
}
