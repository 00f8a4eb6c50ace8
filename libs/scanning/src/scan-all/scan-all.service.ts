import type { Database } from '@breakwater/database';
import type { ScannerDirectory } from '../project-scanners/scanner-directory.js';
import type { ScanNews } from '../scan-news.js';
import type { ScanJobs } from '../scans/ports.js';
import {
  InvalidScanScheduleError,
  NoDefaultScannerError,
  NoScanAllRunningError,
  ScanAllRunningError,
  ScanAllScheduledError,
} from '../scans/scan.errors.js';
import type { ScanAllCounts, ScanAllExecution, ScanAllReader, ScanAllSchedule, ScanAllSchedules } from './ports.js';

/** How a scan of everything goes on, in Harbor's words. */
export interface ScanAllMetrics {
  /** Scans, as far as they are known: the walk over all artifacts goes on while the first are scanned. */
  readonly total: number;
  readonly completed: number;
  /** By status; those that occur. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly isOngoing: boolean;
  readonly trigger: 'Manual' | 'Schedule';
}

/** A schedule as it is asked for. */
export interface AskedSchedule {
  readonly type: 'Hourly' | 'Daily' | 'Weekly' | 'Custom';
  /** Six fields, seconds first, in UTC. */
  readonly cron: string;
}

/**
 * Scans of everything: now, or again and again. All of it needs a default scanner, as in Harbor. `by` is the name of
 * the principal.
 */
export class ScanAllService {
  constructor(private readonly deps: ScanAllDependencies) {}

  /** @throws NoDefaultScannerError; ScanAllRunningError  one that somebody started is still running. */
  async start(by: string): Promise<void> {
    await this.requireScanner();
    const { database, jobs, executions } = this.deps;
    await database.unitOfWork.run(async (tx) => {
      // One after the other: the second sees what the first has submitted.
      await tx.execute('SELECT pg_advisory_xact_lock($1)', [START_LOCK]);
      const latest = await executions.findLatestExecution(OF_SCAN_ALL);
      if (latest?.status === 'Running' && latest.trigger === 'MANUAL') throw new ScanAllRunningError();
      await jobs.submit(tx, {
        ...OF_SCAN_ALL,
        trigger: 'MANUAL',
        extraAttributes: { operator: by },
        tasks: [{ type: 'SCAN_ALL', parameters: {} }],
      });
      await this.deps.news.scanAllAsked(tx, by);
    });
  }

  /** @throws NoScanAllRunningError */
  async stop(by: string): Promise<void> {
    const { database, jobs, executions, news } = this.deps;
    const latest = await executions.findLatestExecution(OF_SCAN_ALL);
    if (latest?.status !== 'Running') throw new NoScanAllRunningError();
    await database.unitOfWork.run((tx) => news.scanAllStopAsked(tx, by));
    await jobs.stop(latest.id);
  }

  /** Null: none was ever run. @throws NoDefaultScannerError */
  async metrics(): Promise<ScanAllMetrics | null> {
    await this.requireScanner();
    const latest = await this.deps.executions.findLatestExecution(OF_SCAN_ALL);
    if (latest === null) return null;
    // Not the walk itself, which is a task of its own type.
    return metricsOf(latest, await this.deps.executions.countTasks(latest.id, 'IMAGE_SCAN'));
  }

  /** @throws NoDefaultScannerError */
  async findSchedule(): Promise<ScanAllSchedule | null> {
    await this.requireScanner();
    return this.deps.schedules.find(OF_SCAN_ALL.vendorType, OF_SCAN_ALL.vendorId);
  }

  /** @throws NoDefaultScannerError; ScanAllScheduledError; AppError of kind `invalid` for a wrong expression. */
  async schedule(by: string, asked: AskedSchedule): Promise<void> {
    if ((await this.findSchedule()) !== null) throw new ScanAllScheduledError();
    await this.put(by, asked);
  }

  /** @param asked  null: none any more. @throws as `schedule`, and InvalidScanScheduleError where there is none. */
  async reschedule(by: string, asked: AskedSchedule | null): Promise<void> {
    await this.requireScanner();
    if (asked !== null) return this.put(by, asked);
    const { database, schedules, news } = this.deps;
    await database.unitOfWork.run(async (tx) => {
      await schedules.remove(tx, OF_SCAN_ALL.vendorType, [OF_SCAN_ALL.vendorId]);
      await news.scanAllScheduled(tx, by, null);
    });
  }

  private async put(by: string, { type, cron }: AskedSchedule): Promise<void> {
    if (cron.trim() === '') throw new InvalidScanScheduleError('a schedule needs a cron expression');
    const { database, schedules, news } = this.deps;
    await database.unitOfWork.run(async (tx) => {
      await schedules.put(tx, { ...OF_SCAN_ALL, cronType: type, cron });
      await news.scanAllScheduled(tx, by, cron);
    });
  }

  private async requireScanner(): Promise<void> {
    if ((await this.deps.directory.default()) === null) throw new NoDefaultScannerError();
  }
}

/** Of the system: there is one. */
const OF_SCAN_ALL = { vendorType: 'SCAN_ALL', vendorId: 0 } as const;

const START_LOCK = 7_306_053;

function metricsOf({ status, trigger }: ScanAllExecution, counts: ScanAllCounts): ScanAllMetrics {
  const byStatus = {
    Pending: counts.pending + counts.scheduled,
    Running: counts.running,
    Success: counts.success,
    Error: counts.error,
    Stopped: counts.stopped,
  };
  const completed = counts.success + counts.error + counts.stopped;
  return {
    total: completed + byStatus.Pending + byStatus.Running,
    completed,
    byStatus: Object.fromEntries(Object.entries(byStatus).filter(([, count]) => count > 0)),
    isOngoing: status === 'Running',
    trigger: trigger === 'SCHEDULE' ? 'Schedule' : 'Manual',
  };
}

export interface ScanAllDependencies {
  readonly database: Database;
  readonly directory: Pick<ScannerDirectory, 'default'>;
  readonly jobs: ScanJobs;
  readonly executions: ScanAllReader;
  readonly schedules: ScanAllSchedules;
  readonly news: ScanNews;
}
