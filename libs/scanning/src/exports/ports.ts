import type { Transaction } from '@breakwater/database';
import type { ListPage, ListRequest } from '../list.js';

// What exports need of other modules: `JobService` and `JobReader` of jobs.

export interface ExportJobs {
  submit(
    tx: Transaction,
    execution: {
      readonly vendorType: 'SCAN_DATA_EXPORT';
      readonly vendorId: number;
      readonly trigger: 'MANUAL';
      readonly extraAttributes: Readonly<Record<string, unknown>>;
      readonly tasks: readonly {
        readonly type: 'SCAN_DATA_EXPORT';
        readonly parameters: Readonly<Record<string, unknown>>;
      }[];
    },
  ): Promise<{ readonly executionId: number }>;
  removeOf(tx: Transaction, vendorType: 'SCAN_DATA_EXPORT', vendorIds: readonly number[]): Promise<void>;
}

/** How far a job is. */
export interface ExportExecution {
  readonly id: number;
  readonly status: 'Running' | 'Success' | 'Error' | 'Stopped';
  readonly trigger: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

export interface ExportExecutions {
  listExecutions(
    scope: { readonly vendorType: 'SCAN_DATA_EXPORT' },
    request: ListRequest,
  ): Promise<ListPage<ExportExecution>>;
}
