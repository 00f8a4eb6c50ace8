import type { Transaction } from '@breakwater/database';

// What scans of everything need of jobs: `JobReader` and `ScheduleService`.

export interface ScanAllExecution {
  readonly id: number;
  readonly status: 'Running' | 'Success' | 'Error' | 'Stopped';
  readonly trigger: 'MANUAL' | 'SCHEDULE' | 'EVENT';
}

/** Tasks by state. */
export interface ScanAllCounts {
  readonly pending: number;
  readonly scheduled: number;
  readonly running: number;
  readonly success: number;
  readonly error: number;
  readonly stopped: number;
}

interface Scope {
  readonly vendorType: 'SCAN_ALL';
  readonly vendorId: number;
}

export interface ScanAllReader {
  findLatestExecution(scope: Scope): Promise<ScanAllExecution | null>;
  /** Of one type of task. */
  countTasks(executionId: number, type: 'IMAGE_SCAN'): Promise<ScanAllCounts>;
}

export interface ScanAllSchedule {
  readonly id: number;
  readonly cronType: 'Hourly' | 'Daily' | 'Weekly' | 'Custom';
  readonly cron: string;
  readonly nextFireAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ScanAllSchedules {
  find(vendorType: 'SCAN_ALL', vendorId: number): Promise<ScanAllSchedule | null>;
  /** @throws AppError of kind `invalid` for a wrong expression. */
  put(
    tx: Transaction,
    schedule: Scope & { readonly cronType: ScanAllSchedule['cronType']; readonly cron: string },
  ): Promise<unknown>;
  remove(tx: Transaction, vendorType: 'SCAN_ALL', vendorIds: readonly number[]): Promise<void>;
}
