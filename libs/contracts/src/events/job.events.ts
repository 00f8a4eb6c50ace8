import { IsIn, IsInt, IsOptional, IsString } from 'class-validator';
import { Told } from './told.js';

/** An administrator asked for jobs to be stopped; each of them ends on its own time. */
export class JobStopAskedV1 extends Told {
  static readonly subject = 'events.jobs.stop-asked.v1';

  /** One task, everything that runs, or everything of a type that waits. */
  @IsIn(['task', 'running', 'waiting'])
  scope!: 'task' | 'running' | 'waiting';

  /** Where the scope is a task. */
  @IsOptional()
  @IsInt()
  taskId!: number | null;

  /** Of what waits; null: of every type. */
  @IsOptional()
  @IsString()
  jobType!: string | null;
}

abstract class QueueEvent extends Told {
  /** Null: every type. */
  @IsOptional()
  @IsString()
  jobType!: string | null;
}

/** What waits in it is not begun. */
export class QueuePausedV1 extends QueueEvent {
  static readonly subject = 'events.jobs.queue-paused.v1';
}

export class QueueResumedV1 extends QueueEvent {
  static readonly subject = 'events.jobs.queue-resumed.v1';
}
