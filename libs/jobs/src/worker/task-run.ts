import type { Transaction } from '@breakwater/database';
import type { JsonObject } from '../executions/execution.js';
import { JOB_TYPES, type JobTypeSettings, type VendorType } from '../job-types.js';
import { LogBuffer } from '../logs/log-buffer.js';
import type { JobOutcome, RunningTask } from './job-handler.js';
import type { ClaimedTask } from './task-claim.repository.js';

/** What a run asks of its worker. */
export interface RunKeeper {
  /** @throws LeaseLostError */
  finish(run: TaskRun, work: (tx: Transaction) => Promise<void>, outcome: JobOutcome): Promise<void>;
  /** @throws LeaseLostError */
  remember(run: TaskRun, attributes: JsonObject): Promise<void>;
}

/** One run of one task, as its handler and its worker see it. */
export class TaskRun implements RunningTask {
  readonly id: number;
  readonly type: VendorType;
  readonly executionId: number;
  readonly executionExtraAttributes: JsonObject;
  readonly parameters: JsonObject;
  readonly attempt: number;
  readonly isLastAttempt: boolean;
  readonly runCount: number;
  readonly failureCount: number;
  readonly ageSeconds: number;
  readonly settings: JobTypeSettings;
  readonly logs = new LogBuffer();
  readonly startedAtMs = performance.now();
  /** `finish` has succeeded: the row says so already. */
  isFinished = false;
  private readonly abortion = new AbortController();
  private attributes: JsonObject;
  private noted: { done: number; total: number } | null = null;

  constructor(
    task: ClaimedTask,
    private readonly keeper: RunKeeper,
  ) {
    this.id = task.id;
    this.type = task.type;
    this.executionId = task.executionId;
    this.executionExtraAttributes = task.executionExtraAttributes;
    this.parameters = task.parameters;
    this.attributes = task.extraAttributes;
    this.runCount = task.runCount;
    this.failureCount = task.failureCount;
    this.ageSeconds = task.ageSeconds;
    this.settings = JOB_TYPES[task.type];
    this.attempt = task.failureCount + 1;
    this.isLastAttempt = this.attempt >= this.settings.attempts;
  }

  get signal(): AbortSignal {
    return this.abortion.signal;
  }

  get extraAttributes(): JsonObject {
    return this.attributes;
  }

  log(line: string): void {
    this.logs.add(line);
  }

  progress(done: number, total: number): void {
    this.noted = { done: Math.max(0, Math.trunc(done)), total: Math.max(0, Math.trunc(total)) };
  }

  async remember(attributes: JsonObject): Promise<void> {
    await this.keeper.remember(this, attributes);
    this.attributes = { ...this.attributes, ...attributes };
  }

  async finish(work: (tx: Transaction) => Promise<void>, outcome: JobOutcome = {}): Promise<void> {
    await this.keeper.finish(this, work, outcome);
  }

  /** For the worker. The first reason counts. */
  abort(reason: Error): void {
    this.abortion.abort(reason);
  }

  /** For the worker: what is new since it asked last. */
  takeProgress(): { readonly done: number; readonly total: number } | null {
    const { noted } = this;
    this.noted = null;
    return noted;
  }
}
