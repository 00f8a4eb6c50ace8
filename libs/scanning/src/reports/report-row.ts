import type { Digest, Tag } from '@breakwater/oci';
import type { Report, ScanKind, Scanner, ScanStatus } from './report.js';

/** A row of `scan_report` as the driver gives it: bigint comes as text. */
export interface ReportRow {
  readonly id: string;
  readonly uuid: string;
  readonly artifact_id: string | null;
  readonly project_id: number;
  readonly kind: ScanKind;
  readonly registration_id: number;
  readonly scanner: Scanner;
  readonly media_type: string;
  readonly status: ScanStatus;
  readonly status_message: string;
  readonly execution_id: string | null;
  readonly task_id: string | null;
  readonly requested_by: string;
  readonly tag: Tag | null;
  readonly is_latest: boolean;
  readonly is_good: boolean;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly generated_at: Date | null;
  readonly severity: string | null;
  readonly critical_count: number;
  readonly high_count: number;
  readonly medium_count: number;
  readonly low_count: number;
  readonly negligible_count: number;
  readonly none_count: number;
  readonly unknown_count: number;
  readonly total_count: number;
  readonly fixable_count: number;
  readonly added_count: number | null;
  readonly fixed_count: number | null;
  readonly sbom_digests: Readonly<Record<string, Digest>> | null;
}

const NAMES = [
  ...['id', 'uuid', 'artifact_id', 'project_id', 'kind', 'registration_id', 'scanner', 'media_type', 'status'],
  ...['status_message', 'execution_id', 'task_id', 'requested_by', 'tag', 'is_latest', 'is_good', 'created_at'],
  ...['started_at', 'ended_at', 'generated_at', 'severity', 'critical_count', 'high_count', 'medium_count'],
  ...['low_count', 'negligible_count', 'none_count', 'unknown_count', 'total_count', 'fixable_count', 'added_count'],
  ...['fixed_count', 'sbom_digests'],
];
export const COLUMNS = NAMES.join(', ');
/** Where other tables are named beside it. */
export const COLUMNS_OF_REPORT = NAMES.map((name) => `scan_report.${name}`).join(', ');

export function reportOf(row: ReportRow): Report {
  return {
    id: Number(row.id),
    uuid: row.uuid,
    artifactId: numberOrNull(row.artifact_id),
    projectId: row.project_id,
    kind: row.kind,
    registrationId: row.registration_id,
    scanner: row.scanner,
    mediaType: row.media_type,
    status: row.status,
    statusMessage: row.status_message,
    executionId: numberOrNull(row.execution_id),
    taskId: numberOrNull(row.task_id),
    requestedBy: row.requested_by,
    tag: row.tag,
    isLatest: row.is_latest,
    isGood: row.is_good,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    generatedAt: row.generated_at,
    severity: row.severity,
    counts: {
      Critical: row.critical_count,
      High: row.high_count,
      Medium: row.medium_count,
      Low: row.low_count,
      Negligible: row.negligible_count,
      None: row.none_count,
      Unknown: row.unknown_count,
      total: row.total_count,
      fixable: row.fixable_count,
    },
    changes: row.added_count === null ? null : { added: row.added_count, fixed: row.fixed_count ?? 0 },
    sbomDigests: row.sbom_digests,
  };
}

function numberOrNull(text: string | null): number | null {
  return text === null ? null : Number(text);
}
