import type { Database } from '@breakwater/database';
import type { ScannerDirectory } from '../project-scanners/scanner-directory.js';
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

/** Scans of everything: now, or again and again. All of it needs a default scanner, as in Harbor. */
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
    });
  }

  /** @throws NoScanAllRunningError */
  async stop(): Promise<void> {
    const latest = await this.deps.executions.findLatestExecution(OF_SCAN_ALL);
    if (latest?.status !== 'Running') throw new NoScanAllRunningError();
    await this.deps.jobs.stop(latest.id);
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
  async schedule(asked: AskedSchedule): Promise<void> {
    if ((await this.findSchedule()) !== null) throw new ScanAllScheduledError();
    await this.put(asked);
  }

  /** @param asked  null: none any more. @throws as `schedule`, and InvalidScanScheduleError where there is none. */
  async reschedule(asked: AskedSchedule | null): Promise<void> {
    await this.requireScanner();
    if (asked !== null) return this.put(asked);
    const { database, schedules } = this.deps;
    await database.unitOfWork.run((tx) => schedules.remove(tx, OF_SCAN_ALL.vendorType, [OF_SCAN_ALL.vendorId]));
  }

  private async put({ type, cron }: AskedSchedule): Promise<void> {
    if (cron.trim() === '') throw new InvalidScanScheduleError('a schedule needs a cron expression');
    const { database, schedules } = this.deps;
    await database.unitOfWork.run((tx) => schedules.put(tx, { ...OF_SCAN_ALL, cronType: type, cron }));
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
}
