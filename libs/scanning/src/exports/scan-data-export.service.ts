import { type Database, DatabaseUnavailableError, type Outbox, type Transaction } from '@breakwater/database';
import { systemClock } from '../ports.js';
import { ScanNews } from '../scan-news.js';
import { ExportNotFoundError, ExportOfAnotherError } from './export.errors.js';
import { parseExportFilter, type ExportFilter } from './export-filter.js';
import type { ExportExecution, ExportExecutions, ExportJobs } from './ports.js';

/** Who asks; robots have no account. */
export interface ExportOwner {
  readonly accountId: number;
  readonly name: string;
}

export interface NewExport {
  readonly jobName: string;
  readonly projectId: number;
  readonly filter: ExportFilter;
}

/** An export, with how far it is. */
export interface ScanDataExport {
  readonly id: number;
  readonly projectId: number;
  readonly owner: ExportOwner;
  /** What its task had to say. */
  readonly message: string;
  /** 0 as long as there is no file. */
  readonly sizeBytes: number;
  readonly execution: ExportExecution;
}

/** Findings of a project as CSV files: asked for, written by a job, fetched once. Rights were decided before. */
export class ScanDataExports {
  private readonly news: ScanNews;

  constructor(private readonly deps: ScanDataExportDependencies) {
    this.news = new ScanNews(deps.outbox, systemClock);
  }

  /**
   * Of one's own the oldest goes when there are too many.
   *
   * @returns the id of its execution, by which the API knows it.
   * @throws InvalidExportError
   */
  async create(owner: ExportOwner, { jobName, projectId, filter: given }: NewExport): Promise<number> {
    const filter = parseExportFilter(given);
    const { database, jobs } = this.deps;
    return database.unitOfWork.run(async (tx) => {
      const [row] = await tx.rows<{ id: string }>(
        `INSERT INTO scan_data_export (account_id, account_name, project_id, expires_at)
         VALUES ($1, $2, $3, now() + $4 * interval '1 hour') RETURNING id`,
        [owner.accountId, owner.name, projectId, KEPT_HOURS],
      );
      const exportId = Number(row?.id);
      const { executionId } = await jobs.submit(tx, {
        vendorType: 'SCAN_DATA_EXPORT',
        vendorId: exportId,
        trigger: 'MANUAL',
        extraAttributes: { job_name: jobName, user_name: owner.name },
        tasks: [{ type: 'SCAN_DATA_EXPORT', parameters: { exportId, projectId, filter } }],
      });
      await tx.execute('UPDATE scan_data_export SET execution_id = $2 WHERE id = $1', [exportId, executionId]);
      const old = await tx.rows<{ id: string }>(
        'SELECT id FROM scan_data_export WHERE account_id = $1 ORDER BY id DESC OFFSET $2',
        [owner.accountId, KEPT_PER_ACCOUNT],
      );
      await this.removeAll(tx, old);
      await this.news.exportAsked(tx, owner.name, projectId, executionId);
      return executionId;
    });
  }

  /** One's own, the newest first. */
  async list(accountId: number): Promise<readonly ScanDataExport[]> {
    return this.find('account_id = $1 ORDER BY id DESC', accountId);
  }

  /** @throws ExportNotFoundError, ExportOfAnotherError */
  async get(accountId: number, executionId: number): Promise<ScanDataExport> {
    const [found] = await this.find('execution_id = $1', executionId);
    if (found === undefined) throw new ExportNotFoundError(executionId);
    if (found.owner.accountId !== accountId) throw new ExportOfAnotherError();
    return found;
  }

  /**
   * The file, whose last piece takes the export away with everything that is known of it. Who breaks off before may
   * come again.
   */
  async *download({ id }: ScanDataExport): AsyncGenerator<Buffer> {
    const { database } = this.deps;
    const [row] = await database.rows<{ chunk_count: number }>(
      'SELECT chunk_count FROM scan_data_export WHERE id = $1 AND size_bytes > 0',
      [id],
    );
    for (let number = 0; number < (row?.chunk_count ?? 0); number++) {
      const [piece] = await database.rows<{ content: Buffer }>(
        'SELECT content FROM scan_data_export_chunk WHERE export_id = $1 AND number = $2',
        [id, number],
      );
      // Somebody else has fetched it meanwhile: the answer must not look whole.
      if (piece === undefined) throw new ExportNotFoundError(id);
      yield piece.content;
    }
    // All of it is with the client. A database that is lost now must not break off an answer that is whole: the file
    // stays, can be fetched again, and goes with the next sweep after its time.
    await database.unitOfWork
      .run((tx) => this.removeAll(tx, [{ id: String(id) }]))
      .catch((error: unknown) => {
        if (!(error instanceof DatabaseUnavailableError)) throw error;
      });
  }

  /** For `onTasksEnded`: what is said of it, and no pieces of a file that will never be whole. */
  async ended(tx: Transaction, tasks: readonly EndedExportTask[]): Promise<void> {
    for (const { parameters, status, statusMessage } of tasks) {
      const id = Number(parameters['exportId']);
      await tx.execute('UPDATE scan_data_export SET message = $2 WHERE id = $1', [id, statusMessage]);
      if (status !== 'Success') await tx.execute('DELETE FROM scan_data_export_chunk WHERE export_id = $1', [id]);
    }
  }

  /** Those whose time is over. @returns how many went; 0: none is left. */
  async sweep(limit = 10): Promise<number> {
    return this.deps.database.unitOfWork.run(async (tx) => {
      const over = await tx.rows<{ id: string }>(
        'SELECT id FROM scan_data_export WHERE expires_at <= now() ORDER BY id LIMIT $1',
        [limit],
      );
      await this.removeAll(tx, over);
      return over.length;
    });
  }

  private async removeAll(tx: Transaction, rows: readonly { readonly id: string }[]): Promise<void> {
    if (rows.length === 0) return;
    const ids = rows.map(({ id }) => Number(id));
    // The task before the export, as whoever ends it.
    await this.deps.jobs.removeOf(tx, 'SCAN_DATA_EXPORT', ids);
    await tx.execute('DELETE FROM scan_data_export WHERE id = ANY ($1::bigint[])', [ids]);
  }

  private async find(condition: string, value: number): Promise<ScanDataExport[]> {
    const { database, executions } = this.deps;
    const rows = await database.rows<ExportRecord>(
      `SELECT id, execution_id, account_id, account_name, project_id, message, size_bytes FROM scan_data_export
       WHERE expires_at > now() AND ${condition}`,
      [value],
    );
    if (rows.length === 0) return [];
    const { items } = await executions.listExecutions(
      { vendorType: 'SCAN_DATA_EXPORT' },
      {
        where: { sql: 'execution.id = ANY ($1::bigint[])', params: [rows.map((row) => row.execution_id)] },
        limit: rows.length,
        offset: 0,
      },
    );
    const byId = new Map(items.map((execution) => [execution.id, execution]));
    return rows.flatMap((row) => {
      const execution = byId.get(Number(row.execution_id));
      if (execution === undefined) return [];
      return {
        id: Number(row.id),
        projectId: row.project_id,
        owner: { accountId: Number(row.account_id), name: row.account_name },
        message: row.message,
        sizeBytes: Number(row.size_bytes ?? 0),
        execution,
      };
    });
  }
}

/** A file is of a moment; a day is enough to fetch it. */
const KEPT_HOURS = 24;
const KEPT_PER_ACCOUNT = 10;

interface ExportRecord {
  readonly id: string;
  readonly execution_id: string;
  readonly account_id: string;
  readonly account_name: string;
  readonly project_id: number;
  readonly message: string;
  readonly size_bytes: string | null;
}

export interface EndedExportTask {
  readonly status: 'Success' | 'Error' | 'Stopped';
  readonly statusMessage: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ScanDataExportDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly jobs: ExportJobs;
  readonly executions: ExportExecutions;
}
