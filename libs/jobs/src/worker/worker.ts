import type { Database } from '@breakwater/database';
import type { Logger } from '@breakwater/observability';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionTally } from '../executions/execution-tally.js';
import { TaskStoppedError, TaskTimedOutError, WorkerEndingError } from '../jobs.errors.js';
import type { VendorType } from '../job-types.js';
import { TaskLogRepository } from '../logs/task-log.repository.js';
import { WorkerPools } from '../pools/worker-pools.js';
import type { JobHooks } from '../tasks/job-hooks.js';
import type { JobHandler } from './job-handler.js';
import { abandoned, settledWithin } from './handler-ends.js';
import { isUnforeseen, judge, successOf } from './judge.js';
import { LostTasks } from './lost-tasks.js';
import { Periodic } from './periodic.js';
import { RowKeeper } from './row-keeper.js';
import { RunClaimer, type WorkerLoad } from './run-claimer.js';
import { RunEndWriter } from './run-end-writer.js';
import { RunWatch } from './run-watch.js';
import type { ClaimedTask, Lease } from './task-claim.repository.js';
import { TaskRun } from './task-run.js';
import { TaskRunRepository, type RunEnd } from './task-run.repository.js';
import { WakeSignal } from './wake-signal.js';
import { NOT_MEASURED, type WorkerMeters } from './worker-meters.js';

export interface WorkerOptions {
  readonly database: Database;
  readonly hooks: JobHooks;
  readonly tally: ExecutionTally;
  readonly logger: Logger;
  readonly meters?: WorkerMeters;
  /** Tasks at once. */
  readonly concurrency: number;
  /** A worker that is silent for so long is taken for dead, and its tasks are begun again by others. Default 30. */
  readonly leaseSeconds?: number;
  /** How often it looks for work that nobody told it of. Default 1000. */
  readonly pollMs?: number;
  /** How often it asks what became of the tasks that it runs. Default 1000. */
  readonly watchMs?: number;
  /** How often it looks for tasks of others that were lost. Default a third of the lease, at most 5000. */
  readonly reconcileMs?: number;
}

/**
 * Runs tasks. Any number of replicas may; each task is one replica's at a time, by a claim of its row that is renewed
 * while it runs. Messages only wake it: without them it finds its work by looking.
 */
export class Worker {
  readonly poolId = randomUUID();
  private readonly handlers = new Map<VendorType, JobHandler>();
  private readonly runs = new Map<number, TaskRun>();
  private readonly inFlight = new Set<Promise<void>>();
  private readonly signal = new WakeSignal();
  private readonly ending = new AbortController();
  private readonly ended = new AbortController();
  private readonly tasks = new TaskRunRepository();
  private readonly logs = new TaskLogRepository();
  private readonly claimer: RunClaimer;
  private readonly keeper: RowKeeper;
  private readonly pools: WorkerPools;
  private readonly lost: LostTasks;
  private readonly ends: RunEndWriter;
  private readonly lease: Lease;
  private readonly meters: WorkerMeters;
  private readonly periodic: readonly Periodic[];
  private readonly settling: Periodic;
  private finished: Promise<void> = Promise.resolve();

  constructor(private readonly options: WorkerOptions) {
    const { database, hooks, logger } = options;
    this.meters = options.meters ?? NOT_MEASURED;
    this.lease = { poolId: this.poolId, seconds: options.leaseSeconds ?? 30 };
    this.keeper = new RowKeeper({ database, hooks, tasks: this.tasks, logs: this.logs, poolId: this.poolId });
    this.claimer = new RunClaimer({ database, lease: this.lease, concurrency: options.concurrency });
    this.pools = new WorkerPools(database);
    const onFailure = (error: unknown): void => logger.warn('the end of tasks could not be written', { error });
    this.lost = new LostTasks(database, this.tasks, hooks, onFailure);
    this.ends = new RunEndWriter({
      database,
      hooks,
      tasks: this.tasks,
      logs: this.logs,
      poolId: this.poolId,
      onFailure,
      signal: this.ended.signal,
    });
    const every = (ms: number, what: string, work: () => Promise<void>): Periodic =>
      new Periodic(ms, work, (error) => logger.warn(`${what} failed; trying on`, { error }));
    const watch = new RunWatch(database, this.tasks, this.logs, this.poolId);
    this.settling = every(SETTLE_MS, 'adding up executions', () => options.tally.settleAll());
    this.periodic = [
      every((this.lease.seconds * 1000) / 3, 'the heartbeat of the worker', () => this.beat()),
      every(options.watchMs ?? 1_000, 'watching running tasks', () => watch.look(this.unfinished())),
      every(options.reconcileMs ?? Math.min(5_000, (this.lease.seconds * 1000) / 3), 'looking for lost tasks', () =>
        this.reconcile(),
      ),
      this.settling,
    ];
  }

  /** Before `start`. Types without a handler are left to other processes. */
  register(type: VendorType, handler: JobHandler): void {
    this.handlers.set(type, handler);
  }

  start(): void {
    for (const each of this.periodic) each.start();
    this.finished = this.run();
  }

  /** There may be something to do. */
  wake(): void {
    this.signal.wake();
  }

  /** Somebody asked for these to be stopped; others may have them. */
  stopRequested(taskIds: readonly number[]): void {
    for (const id of taskIds) this.runs.get(id)?.abort(new TaskStoppedError(id));
  }

  get freeSlots(): number {
    return this.options.concurrency - this.runs.size;
  }

  /**
   * Claims nothing more, lets what runs end within `graceMs`, and hands the rest back to the queue, where it waits for
   * another worker without having failed.
   */
  async stop(graceMs: number): Promise<void> {
    this.ending.abort();
    this.signal.wake();
    await this.finished;
    if (!(await settledWithin(this.inFlight, graceMs))) {
      for (const run of this.runs.values()) run.abort(new WorkerEndingError());
      await settledWithin(this.inFlight, HAND_BACK_MS);
    }
    for (const each of this.periodic) await each.stop();
    await this.handBack();
    this.ended.abort();
    // What fails here, others do: they add up what they find, and forget who is silent.
    await this.options.tally.settleAll().catch(() => undefined);
    await this.pools.remove(this.poolId).catch(() => undefined);
  }

  private async run(): Promise<void> {
    const pollMs = this.options.pollMs ?? 1_000;
    while (!this.ending.signal.aborted) {
      const begin = (task: ClaimedTask): void => this.begin(new TaskRun(task, this.keeper));
      const claimed = await this.claimer.claim(this.load(), begin, this.ending.signal).catch((error: unknown) => {
        this.options.logger.warn('work could not be claimed; trying on', { error });
        return 0;
      });
      if (claimed === 0) await this.signal.sleep(pollMs);
      // Slots that come free one by one are filled together: a claim costs the same for one task as for ten.
      else await delay(GATHER_MS, undefined, { signal: this.ending.signal }).catch(() => undefined);
    }
  }

  private load(): WorkerLoad {
    return { types: [...this.handlers.keys()], running: () => [...this.runs.values()].map(({ type }) => type) };
  }

  private unfinished(): TaskRun[] {
    return [...this.runs.values()].filter((run) => !run.isFinished);
  }

  private begin(run: TaskRun): void {
    this.runs.set(run.id, run);
    this.meters.begun(run.type);
    const flight = this.process(run).finally(() => {
      if (this.runs.get(run.id) === run) this.runs.delete(run.id);
      this.inFlight.delete(flight);
      this.meters.ended(run.type);
      this.signal.wake();
    });
    this.inFlight.add(flight);
  }

  /** Never rejects. */
  private async process(run: TaskRun): Promise<void> {
    const end = await this.endOf(run);
    const seconds = (performance.now() - run.startedAtMs) / 1000;
    if (end === null) {
      // `finish` has written it, or the task is somebody else's.
      this.meters.measured(run.type, run.isFinished ? 'success' : 'lost', seconds);
      this.settling.soon();
      return;
    }
    await run.logs.settled();
    const isWritten = await this.ends.write({ type: run.type, end, log: run.logs.takeAll() });
    this.meters.measured(run.type, isWritten ? end.verdict : 'lost', seconds);
    this.settling.soon();
  }

  /** Runs the handler. @returns null when there is nothing to write. */
  private async endOf(run: TaskRun): Promise<RunEnd | null> {
    const handler = this.handlers.get(run.type) as JobHandler;
    const { timeoutSeconds } = run.settings;
    const timer =
      timeoutSeconds === null
        ? null
        : setTimeout(() => run.abort(new TaskTimedOutError(run.id, timeoutSeconds)), timeoutSeconds * 1000);
    try {
      const outcome = await Promise.race([handler.run(run), abandoned(run.signal)]);
      if (run.isFinished) return null;
      // Whoever returns early because it was told to has not done its work.
      if (run.signal.aborted) throw run.signal.reason;
      return successOf(run, outcome ?? {});
    } catch (error) {
      if (run.isFinished) {
        this.options.logger.warn('a handler failed after it had finished', { taskId: run.id, type: run.type, error });
        return null;
      }
      const end = judge(run, error, Math.random());
      this.tell(run, end, error);
      return end;
    } finally {
      if (timer !== null) clearTimeout(timer);
    }
  }

  private tell(run: TaskRun, end: RunEnd | null, error: unknown): void {
    const fields = { taskId: run.id, type: run.type, attempt: run.attempt, error };
    if (end === null) return this.options.logger.info('a task was lost to another worker', fields);
    const line = lineOf(end);
    if (line !== null) run.log(line);
    if (end.verdict !== 'error' && end.verdict !== 'retry') return;
    if (isUnforeseen(error)) this.options.logger.error('a task failed', fields);
    else this.options.logger.info('a task failed', fields);
  }

  private async beat(): Promise<void> {
    const { concurrency, database } = this.options;
    await this.pools.beat({ id: this.poolId, host: hostname(), pid: process.pid, concurrency });
    if (this.runs.size > 0) await this.tasks.renew(database, this.lease, [...this.runs.keys()]);
  }

  private async reconcile(): Promise<void> {
    const count = await this.lost.takeBack();
    if (count > 0) {
      this.options.logger.warn('tasks of lost workers were taken back', { count });
      this.settling.soon();
      this.wake();
    }
    await this.pools.removeSilent();
  }

  /** What did not end in time. Its handler may still run: it cannot finish any more. */
  private async handBack(): Promise<void> {
    await Promise.all(
      this.unfinished().map((run) =>
        this.ends.write({
          type: run.type,
          end: { id: run.id, runCount: run.runCount, verdict: 'back', message: '', pauseSeconds: 0 },
          log: run.logs.takeAll(),
        }),
      ),
    );
  }
}

const SETTLE_MS = 1_000;
const GATHER_MS = 5;
/** For handlers that were told to end. */
const HAND_BACK_MS = 2_000;
/** The last line of a run that did not succeed; null where there is nothing to say to users. */
function lineOf({ verdict, message, pauseSeconds }: RunEnd): string | null {
  const pause = `in ${Math.ceil(pauseSeconds)} s`;
  if (verdict === 'error') return `failed: ${message}`;
  if (verdict === 'retry') return `failed, and is tried again ${pause}: ${message}`;
  if (verdict === 'postponed') return `put off, and tried again ${pause}: ${message}`;
  return verdict === 'stopped' ? 'stopped' : null;
}
