import { AppError } from '@breakwater/errors';
import type { Database, Transaction } from '@breakwater/database';
import type { Logger } from '@breakwater/observability';
import type { JobService } from '../executions/job.service.js';
import { SCHEDULER_QUEUE, type VendorType } from '../job-types.js';
import type { JobQueues } from '../queues/job-queues.js';
import { WakeSignal } from '../worker/wake-signal.js';
import { CronExpression } from './cron-expression.js';
import { ScheduleRepository } from './schedule.repository.js';
import type { Schedule } from './schedule.js';

/** What a schedule sets going; in the transaction in which it fires. */
export type ScheduleTrigger = (tx: Transaction, schedule: Schedule) => Promise<void>;

export interface SchedulerOptions {
  readonly database: Database;
  readonly service: JobService;
  readonly queues: JobQueues;
  readonly logger: Logger;
  /** How long a schedule that was changed elsewhere waits at most to be noticed. Default 5000. */
  readonly pollMs?: number;
}

/**
 * Fires schedules. Any number of replicas may run one: the row is locked while its work is submitted and its next time
 * written, in one transaction, so each time fires once. Times that passed while nobody ran, or while the scheduler was
 * paused, fire once together.
 */
export class Scheduler {
  private readonly triggers = new Map<VendorType, ScheduleTrigger>();
  private readonly schedules = new ScheduleRepository();
  private readonly signal = new WakeSignal();
  private isEnding = false;
  private finished: Promise<void> = Promise.resolve();

  constructor(private readonly options: SchedulerOptions) {}

  /** Instead of the usual: an execution with one task of the schedule's type, which gets the schedule's parameters. */
  onDue(vendorType: VendorType, trigger: ScheduleTrigger): void {
    this.triggers.set(vendorType, trigger);
  }

  start(): void {
    this.finished = this.run();
  }

  /** A schedule may have changed. */
  wake(): void {
    this.signal.wake();
  }

  async stop(): Promise<void> {
    this.isEnding = true;
    this.signal.wake();
    await this.finished;
  }

  /** Fires whatever is due. @returns how many. */
  async fireDue(): Promise<number> {
    if (await this.options.queues.isPaused(SCHEDULER_QUEUE)) return 0;
    let count = 0;
    while (!this.isEnding && (await this.fireOne())) count++;
    return count;
  }

  private async run(): Promise<void> {
    const pollMs = this.options.pollMs ?? 5_000;
    while (!this.isEnding) {
      let pauseMs = pollMs;
      try {
        await this.fireDue();
        const untilNextMs = await this.schedules.untilNextMs(this.options.database);
        if (untilNextMs !== null) pauseMs = Math.min(pollMs, Math.max(untilNextMs, SHORTEST_PAUSE_MS));
      } catch (error) {
        this.options.logger.warn('schedules could not be fired; trying on', { error });
      }
      if (!this.isEnding) await this.signal.sleep(pauseMs);
    }
  }

  private async fireOne(): Promise<boolean> {
    const { database, logger } = this.options;
    let taken: Schedule | undefined;
    try {
      return await database.unitOfWork.run(async (tx) => {
        [taken] = await this.schedules.lockDue(tx, 1);
        if (taken === undefined) return false;
        await this.trigger(tx, taken);
        await this.moveOn(tx, taken);
        return true;
      });
    } catch (error) {
      if (taken === undefined || (error instanceof AppError && error.kind === 'unavailable')) throw error;
      // It would hold up all others: this time is left out.
      const { id, vendorType, vendorId } = taken;
      logger.error('a schedule could not set its work going', { scheduleId: id, vendorType, vendorId, error });
      await this.leaveOut(taken);
      return true;
    }
  }

  private async leaveOut(schedule: Schedule): Promise<void> {
    await this.options.database.unitOfWork.run(async (tx) => {
      const locked = await this.schedules.lockDue(tx, AT_MOST);
      const [same] = locked.filter(({ id }) => id === schedule.id);
      if (same) await this.moveOn(tx, same);
    });
  }

  private async trigger(tx: Transaction, schedule: Schedule): Promise<void> {
    const { vendorType, vendorId, parameters } = schedule;
    const own = this.triggers.get(vendorType);
    if (own) return own(tx, schedule);
    await this.options.service.submit(tx, {
      vendorType,
      vendorId,
      trigger: 'SCHEDULE',
      extraAttributes: parameters,
      tasks: [{ type: vendorType, parameters }],
    });
  }

  /** To the first time that is still to come: those in between are not made up for. */
  private async moveOn(tx: Transaction, schedule: Schedule): Promise<void> {
    const now = await this.schedules.now(tx);
    await this.schedules.fired(tx, schedule.id, now, CronExpression.parse(schedule.cron).nextAfter(now));
  }
}

const SHORTEST_PAUSE_MS = 50;
const AT_MOST = 1_000;
