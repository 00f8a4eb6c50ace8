import type { Database } from '@breakwater/database';
import { JOB_TYPES, type VendorType } from '../job-types.js';
import { TaskClaimRepository, type ClaimedTask, type Lease } from './task-claim.repository.js';

export interface ClaimerOptions {
  readonly database: Database;
  readonly lease: Lease;
  /** Tasks at once. */
  readonly concurrency: number;
}

/** What a worker has in hand. */
export interface WorkerLoad {
  /** Types that it has handlers for. */
  readonly types: readonly VendorType[];
  /** Types of the tasks that it runs, one for each. */
  readonly running: () => readonly VendorType[];
}

/** Fills the free slots of a worker, in turn from every type that has something to do. */
export class RunClaimer {
  private readonly tasks = new TaskClaimRepository();
  /** Types rotate, so that none has to wait for another's last task. */
  private turn = 0;

  constructor(private readonly options: ClaimerOptions) {}

  /**
   * @param begin  called for each task that is this worker's from now on.
   * @returns how many they are.
   */
  async claim(load: WorkerLoad, begin: (task: ClaimedTask) => void, signal: AbortSignal): Promise<number> {
    const { concurrency, database } = this.options;
    if (load.running().length >= concurrency) return 0;
    const due = await this.tasks.dueTypes(database, load.types);
    const turn = this.turn++;
    let claimed = 0;
    for (let index = 0; index < due.length && !signal.aborted; index++) {
      const type = due[(index + turn) % due.length] as VendorType;
      const limit = Math.min(concurrency - load.running().length, this.shareOf(type, load));
      if (limit <= 0) continue;
      const tasks = await this.claimOf(type, limit);
      for (const task of tasks) begin(task);
      claimed += tasks.length;
    }
    return claimed;
  }

  /** A few slots are left by each type for the others: a flood of one kind never stops everything else. */
  private shareOf(type: VendorType, { types, running }: WorkerLoad): number {
    const { concurrency } = this.options;
    const most = types.length > 1 ? Math.max(1, concurrency - Math.ceil(concurrency / 8)) : concurrency;
    return most - running().filter((each) => each === type).length;
  }

  private claimOf(type: VendorType, limit: number): Promise<ClaimedTask[]> {
    const { database, lease } = this.options;
    const { maxRunning } = JOB_TYPES[type];
    if (maxRunning === null) return this.tasks.claim(database, lease, type, limit);
    return database.unitOfWork.run((tx) => this.tasks.claimWithin(tx, lease, type, { limit, maxRunning }));
  }
}
