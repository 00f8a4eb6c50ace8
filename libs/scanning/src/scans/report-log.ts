import type { Database } from '@breakwater/database';
import type { Reference } from '@breakwater/oci';
import { ReportId } from '../reports/report-id.js';
import type { ReportRepository } from '../reports/report.repository.js';
import type { RepositoryAddress, ScanTargets } from './ports.js';
import { ReportNotFoundError } from './scan.errors.js';

/** The logs of tasks, as jobs keep them. */
export interface TaskLogs {
  /** Null: no such task any more. */
  findLog(taskId: number): Promise<string | null>;
}

/** What scanners did, line by line. */
export class ReportLog {
  constructor(
    private readonly database: Database,
    private readonly targets: ScanTargets,
    private readonly reports: ReportRepository,
    private readonly logs: TaskLogs,
  ) {}

  /**
   * @param reportId  of a report of the artifact, or of several together as `scan_overview` names them: then one log
   *   after the other, each under a line that says whose it is.
   * @throws AppError of kind `not-found`; ReportNotFoundError  also for a report of another artifact.
   */
  async read(repository: RepositoryAddress, reference: Reference, reportId: string): Promise<string> {
    const target = await this.targets.get(this.database, repository, reference);
    const own = new Set([target.id, ...target.leaves.map(({ id }) => id)]);
    const uuids = ReportId.parse(reportId);
    if (uuids.length === 0) throw new ReportNotFoundError();
    const found = await this.reports.findByUuids(this.database, uuids);
    const reports = uuids.map((uuid) => found.find((report) => report.uuid === uuid));
    const texts: string[] = [];
    for (const report of reports) {
      if (report === undefined || report.artifactId === null || !own.has(report.artifactId))
        throw new ReportNotFoundError();
      const text = report.taskId === null ? null : await this.logs.findLog(report.taskId);
      texts.push(reports.length === 1 ? (text ?? '') : `${headerOf(report.uuid, report.scanner.name)}${text ?? ''}`);
    }
    return texts.join('');
  }
}

function headerOf(uuid: string, scanner: string): string {
  return `---------- Logs of report ${uuid} by ${scanner} ----------\n`;
}
