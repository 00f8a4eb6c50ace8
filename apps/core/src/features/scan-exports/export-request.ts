import { InvalidExportError, type NewExport } from '@breakwater/scanning';
import type { ScanDataExportRequest } from './scan-export.dto.js';

/** The one thing that can be exported. */
const VULNERABILITY_REPORT = 'application/vnd.security.vulnerability.report; version=1.1';

/** @throws InvalidExportError */
export function requireDataType(header: string | undefined): void {
  if (header?.replaceAll(' ', '') !== VULNERABILITY_REPORT.replaceAll(' ', ''))
    throw new InvalidExportError(`X-Scan-Data-Type must be ${VULNERABILITY_REPORT}`);
}

/** @throws InvalidExportError */
export function newExportOf(body: ScanDataExportRequest): NewExport {
  const [projectId, ...others] = body.projects ?? [];
  if (projectId === undefined || others.length > 0)
    throw new InvalidExportError('exactly one project can be exported at a time');
  const [label] = body.labels ?? [];
  if (label !== undefined) throw new InvalidExportError(`there is no label ${label}`);
  return {
    jobName: body.job_name ?? '',
    projectId,
    filter: {
      repositories: body.repositories ?? '',
      tags: body.tags ?? '',
      cveIds: body.cveIds ?? body.CVEIds ?? '',
    },
  };
}
