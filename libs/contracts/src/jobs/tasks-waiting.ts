import { IsInt, IsString, Min } from 'class-validator';
import { checkPayload, parseJson } from '../message.js';

/**
 * Tasks of one type were submitted, on `jobs.<type>`: wakes one worker. The rows are the truth; a lost message is made
 * up for by whoever looks next.
 */
export class TasksWaiting {
  static readonly subject = 'jobs';

  @IsString()
  type!: string;

  /** The first of them. */
  @IsInt()
  taskId!: number;

  @IsInt()
  @Min(1)
  count!: number;

  static subjectOf(type: string): string {
    return `${TasksWaiting.subject}.${type}`;
  }
}

/** Reads what came on `jobs.<type>`: like an event, in an envelope. @throws InvalidMessageError */
export function parseTasksWaiting(subject: string, json: string | Uint8Array): TasksWaiting {
  const envelope = parseJson(subject, json) as { readonly data?: unknown } | null;
  return checkPayload(TasksWaiting, envelope?.data);
}
