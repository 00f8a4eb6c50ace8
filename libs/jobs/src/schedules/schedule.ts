import type { JsonObject } from '../executions/execution.js';
import type { VendorType } from '../job-types.js';

/** Labels only: what counts is the expression. */
export type CronType = 'Hourly' | 'Daily' | 'Weekly' | 'Custom';

/** Work that is set going again and again. One per vendor object. */
export interface NewSchedule {
  readonly vendorType: VendorType;
  readonly vendorId: number;
  readonly cronType: CronType;
  /** Six fields, seconds first, in UTC; the seconds are 0. */
  readonly cron: string;
  /** For the tasks of each execution. Never secrets. */
  readonly parameters?: JsonObject;
}

export interface Schedule {
  readonly id: number;
  readonly vendorType: VendorType;
  readonly vendorId: number;
  readonly cronType: CronType;
  readonly cron: string;
  readonly parameters: JsonObject;
  /** Null: the expression names no time that is to come. */
  readonly nextFireAt: Date | null;
  readonly lastFiredAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
