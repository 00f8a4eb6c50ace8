import type { Digest, Tag } from '@breakwater/oci';

/** What is to be found out about an artifact. */
export type ScanKind = 'vulnerability' | 'sbom';

/** Harbor's words. The first three are on their way, the others are the end. */
export type ScanStatus = 'Pending' | 'Scheduled' | 'Running' | 'Success' | 'Error' | 'Stopped';
export type FinalScanStatus = Extract<ScanStatus, 'Success' | 'Error' | 'Stopped'>;

export function isFinal(status: ScanStatus): status is FinalScanStatus {
  return status === 'Success' || status === 'Error' || status === 'Stopped';
}

/** Who scanned, as reports and the API name it. */
export interface Scanner {
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
}

/**
 * A row of `scan_report`: one scan of one artifact by one scanner, and what came of it.
 *
 * An artifact has, by kind and scanner, the last scan (`isLatest`) and the last that came to a report (`isGood`).
 */
export interface Report {
  readonly id: number;
  /** What the API knows it by. */
  readonly uuid: string;
  /** Null: the artifact is gone, or a newer report took its place. */
  readonly artifactId: number | null;
  readonly projectId: number;
  readonly kind: ScanKind;
  readonly registrationId: number;
  readonly scanner: Scanner;
  /** Of the report. */
  readonly mediaType: string;
  readonly status: ScanStatus;
  readonly statusMessage: string;
  readonly executionId: number | null;
  readonly taskId: number | null;
  /** Name of the principal that asked for the scan. */
  readonly requestedBy: string;
  readonly tag: Tag | null;
  readonly isLatest: boolean;
  readonly isGood: boolean;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly generatedAt: Date | null;
  /** The worst of what was found; null until there is a report. */
  readonly severity: string | null;
  readonly counts: FindingCounts;
  readonly changes: ReportChanges | null;
  /** Of reports of kind `sbom`: digest of the accessory by media type of the document. */
  readonly sbomDigests: Readonly<Record<string, Digest>> | null;
}

/** How many findings a report has, by severity. */
export interface FindingCounts {
  readonly Critical: number;
  readonly High: number;
  readonly Medium: number;
  readonly Low: number;
  readonly Negligible: number;
  readonly None: number;
  /** With words that no scanner should send. */
  readonly Unknown: number;
  readonly total: number;
  readonly fixable: number;
}

/** Against the last report of the same scanner, by CVE, package and version. */
export interface ReportChanges {
  readonly added: number;
  readonly fixed: number;
}
