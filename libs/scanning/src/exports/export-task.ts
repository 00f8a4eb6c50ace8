import { InvalidExportError } from './export.errors.js';
import type { ExportTask } from './export-writer.js';

/** What `ScanDataExports.create` gave to the task. @throws InvalidExportError */
export function parseExportTask(parameters: Readonly<Record<string, unknown>>): ExportTask {
  const { exportId, projectId, filter } = parameters as Partial<ExportTask>;
  const { repositories, tags, cveIds } = filter ?? {};
  if (
    typeof exportId !== 'number' ||
    typeof projectId !== 'number' ||
    typeof repositories !== 'string' ||
    typeof tags !== 'string' ||
    typeof cveIds !== 'string'
  )
    throw new InvalidExportError('the task does not say what is to be exported');
  return { exportId, projectId, filter: { repositories, tags, cveIds } };
}
