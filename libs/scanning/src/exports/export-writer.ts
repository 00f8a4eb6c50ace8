import type { Database, Transaction } from '@breakwater/database';
import { randomUUID } from 'node:crypto';
import { csvLine } from './csv.js';
import { ExportGoneError, ExportTooLargeError } from './export.errors.js';
import type { ExportFilter } from './export-filter.js';
import { ExportRows, type ExportRow } from './export-rows.js';

/** What a task of an export is told. */
export interface ExportTask {
  readonly exportId: number;
  readonly projectId: number;
  readonly filter: ExportFilter;
}

export interface WrittenExport {
  readonly writer: string;
  readonly sizeBytes: number;
  readonly chunkCount: number;
  readonly rowCount: number;
}

/** A file in PostgreSQL is copied with its backups and written twice: more than this belongs into a database query. */
const LARGEST_EXPORT_BYTES = 512 * 1024 * 1024;

/** Writes a file piece by piece, in small transactions; it is shown when `complete` says so. */
export class ExportWriter {
  private readonly rows: ExportRows;

  constructor(
    private readonly database: Database,
    private readonly largestBytes = LARGEST_EXPORT_BYTES,
  ) {
    this.rows = new ExportRows(database);
  }

  /**
   * @param onRows  told how many there are so far; throws to stop.
   * @throws ExportTooLargeError
   * @throws ExportGoneError  somebody removed it meanwhile, or another run has taken over.
   */
  async write({ exportId, projectId, filter }: ExportTask, onRows: (count: number) => void): Promise<WrittenExport> {
    const writer = randomUUID();
    await this.begin(exportId, writer);
    const file = new Pieces(csvLine(COLUMNS));
    let rowCount = 0;
    for await (const rows of this.rows.read(projectId, filter)) {
      for (const row of rows) file.add(csvLine(cellsOf(row)));
      rowCount += rows.length;
      if (file.sizeBytes > this.largestBytes) throw new ExportTooLargeError(this.largestBytes);
      for (const piece of file.take(false)) await this.store(exportId, writer, piece);
      onRows(rowCount);
    }
    if (rowCount === 0) return { writer, sizeBytes: 0, chunkCount: 0, rowCount };
    for (const piece of file.take(true)) await this.store(exportId, writer, piece);
    return { writer, sizeBytes: file.sizeBytes, chunkCount: file.count, rowCount };
  }

  /** In the transaction that ends the task. @throws ExportGoneError */
  async complete(tx: Transaction, exportId: number, written: WrittenExport): Promise<void> {
    const count = await tx.execute(
      'UPDATE scan_data_export SET size_bytes = $3, chunk_count = $4 WHERE id = $1 AND writer = $2',
      [exportId, written.writer, written.sizeBytes, written.chunkCount],
    );
    if (count === 0) throw new ExportGoneError();
  }

  /** What an earlier run has left goes. */
  private async begin(exportId: number, writer: string): Promise<void> {
    await this.database.unitOfWork.run(async (tx) => {
      const count = await tx.execute('UPDATE scan_data_export SET writer = $2 WHERE id = $1', [exportId, writer]);
      if (count === 0) throw new ExportGoneError();
      await tx.execute('DELETE FROM scan_data_export_chunk WHERE export_id = $1', [exportId]);
    });
  }

  /**
   * Race: a worker that was taken for dead still writes while the next one begins. The row is locked by both, so a
   * piece is either there when the next one clears, or finds itself to be late.
   */
  private async store(exportId: number, writer: string, { number, content }: Piece): Promise<void> {
    const count = await this.database.unitOfWork.run((tx) =>
      tx.execute(
        `INSERT INTO scan_data_export_chunk (export_id, number, content)
         SELECT id, $3, $4 FROM scan_data_export WHERE id = $1 AND writer = $2 FOR SHARE`,
        [exportId, writer, number, content],
      ),
    );
    if (count === 0) throw new ExportGoneError();
  }
}

interface Piece {
  readonly number: number;
  readonly content: Buffer;
}

/** Lines gathered to pieces. */
class Pieces {
  sizeBytes: number;
  count = 0;
  private lines: string[];
  private waitingBytes: number;

  constructor(header: string) {
    this.lines = [header];
    this.sizeBytes = this.waitingBytes = Buffer.byteLength(header);
  }

  add(line: string): void {
    const bytes = Buffer.byteLength(line);
    this.lines.push(line);
    this.sizeBytes += bytes;
    this.waitingBytes += bytes;
  }

  *take(isLast: boolean): Generator<Piece> {
    if (this.waitingBytes === 0 || (!isLast && this.waitingBytes < PIECE_BYTES)) return;
    const content = Buffer.from(this.lines.join(''));
    this.lines = [];
    this.waitingBytes = 0;
    yield { number: this.count++, content };
  }
}

const PIECE_BYTES = 128 * 1024;

const COLUMNS = [
  ...['Repository', 'Artifact Digest', 'CVE', 'Package', 'Current Version', 'Fixed in version', 'Severity'],
  ...['CWE Ids', 'Additional Data', 'Scanner'],
];

function cellsOf(row: ExportRow): string[] {
  return [
    ...[row.repository, row.digest, row.cve_id, row.package, row.version, row.fix_version, row.severity],
    (row.cwe_ids ?? []).join(','),
    row.vendor_attributes === null ? '' : JSON.stringify(row.vendor_attributes),
    row.scanner,
  ];
}
