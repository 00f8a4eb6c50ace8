import type { Database, Transaction } from '@breakwater/database';
import type { VendorType } from '../job-types.js';
import type { ListPage, ListRequest } from '../lists/list.js';
import type { JobNotifier } from '../ports.js';
import { CronExpression } from './cron-expression.js';
import type { ScheduleRepository } from './schedule.repository.js';
import type { NewSchedule, Schedule } from './schedule.js';

/** What is set going again and again: one schedule per vendor object. Fired by `Scheduler`, in jobservice. */
export class ScheduleService {
  constructor(
    private readonly database: Database,
    private readonly schedules: ScheduleRepository,
    private readonly notifier: JobNotifier,
  ) {}

  /** Makes it, or changes the one that the object has. @throws InvalidCronError  also for seconds other than 0. */
  async put(tx: Transaction, schedule: NewSchedule): Promise<Schedule> {
    const expression = CronExpression.parseForUser(schedule.cron);
    const nextFireAt = expression.nextAfter(await this.schedules.now(tx));
    tx.onCommit(() => this.notifier.workWaiting());
    return this.schedules.upsert(tx, schedule, nextFireAt);
  }

  /** For what the system does by itself: an operator's change of it stays. */
  async putMissing(tx: Transaction, schedule: NewSchedule): Promise<void> {
    const nextFireAt = CronExpression.parse(schedule.cron).nextAfter(await this.schedules.now(tx));
    await this.schedules.insertMissing(tx, schedule, nextFireAt);
  }

  find(vendorType: VendorType, vendorId: number): Promise<Schedule | null> {
    return this.schedules.find(this.database, vendorType, vendorId);
  }

  /** What it has set going goes on. None is removed without complaint. */
  async remove(tx: Transaction, vendorType: VendorType, vendorIds: readonly number[]): Promise<void> {
    await this.schedules.remove(tx, vendorType, vendorIds);
  }

  /** By id unless the request says otherwise (`scheduleFields`). */
  list(request: ListRequest): Promise<ListPage<Schedule>> {
    return this.schedules.list(this.database, request);
  }
}
