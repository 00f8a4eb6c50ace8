import { AppError } from '@breakwater/errors';
import type { Report, ScanKind } from '../reports/report.js';
import type { NewScanTask } from './ports.js';
import type { PlannedScan } from './scan-planning.js';

/** What a scan's task is told: where its report is, and what is shown of it to people. */
export interface ScanTaskParameters {
  readonly reportId: number;
  readonly kind: ScanKind;
  /** What the scan was asked for: the artifact itself, or the index that holds it; null for a scan of everything. */
  readonly rootId: number | null;
  /** All scanners that counted for the project when it was asked for: reports of others go when this one is there. */
  readonly registrationIds: readonly number[];
  readonly repository: string;
  readonly digest: string;
  readonly scanner: string;
}

export function jobTypeOf(kind: ScanKind): 'IMAGE_SCAN' | 'SBOM' {
  return kind === 'sbom' ? 'SBOM' : 'IMAGE_SCAN';
}

export function taskOf(
  report: Report,
  plan: readonly PlannedScan[],
  { rootId, registrationIds }: Pick<ScanTaskParameters, 'rootId' | 'registrationIds'>,
  { priority = 'usual', isAutomatic = false }: { priority?: 'usual' | 'bulk'; isAutomatic?: boolean } = {},
): NewScanTask {
  const planned = plan.find(
    ({ leaf, registration }) => leaf.id === report.artifactId && registration.id === report.registrationId,
  );
  const parameters: ScanTaskParameters = {
    reportId: report.id,
    kind: report.kind,
    rootId,
    registrationIds,
    repository: planned?.leaf.repository ?? '',
    digest: planned?.leaf.digest ?? '',
    scanner: planned?.registration.name ?? '',
  };
  return { type: jobTypeOf(report.kind), parameters: { ...parameters }, extraAttributes: { isAutomatic }, priority };
}

/** @throws InvalidScanTaskError */
export function parseScanTask(parameters: Readonly<Record<string, unknown>>): ScanTaskParameters {
  const { reportId, kind, rootId, registrationIds } = parameters;
  const isWhole =
    Number.isSafeInteger(reportId) &&
    (kind === 'vulnerability' || kind === 'sbom') &&
    (rootId === null || Number.isSafeInteger(rootId)) &&
    Array.isArray(registrationIds);
  if (!isWhole) throw new InvalidScanTaskError();
  return parameters as unknown as ScanTaskParameters;
}

export class InvalidScanTaskError extends AppError {
  readonly code = 'INVALID_SCAN_TASK';
  readonly kind = 'invalid';
  constructor() {
    super('the task does not say which report it is for');
  }
}
