import type { JobHandler, RunningTask } from '@breakwater/jobs';
import { parseExportTask, type ExportWriter } from '@breakwater/scanning';

/** Writes findings to a file that waits to be fetched. */
export class ScanDataExportHandler implements JobHandler {
  constructor(private readonly writer: ExportWriter) {}

  async run(task: RunningTask): Promise<void> {
    const asked = parseExportTask(task.parameters);
    const written = await this.writer.write(asked, (rows) => {
      task.signal.throwIfAborted();
      task.progress(rows, 0);
    });
    const { rowCount, sizeBytes } = written;
    const statusMessage =
      rowCount === 0 ? 'No vulnerabilities found or matched' : `${rowCount} findings, ${sizeBytes} bytes`;
    task.log(statusMessage);
    await task.finish((tx) => this.writer.complete(tx, asked.exportId, written), { statusMessage });
  }
}
