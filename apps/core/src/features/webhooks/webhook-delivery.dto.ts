import { harborTime, ListQuery, omitEmpty } from '@breakwater/http';
import type { Attempt, Delivery } from '@breakwater/webhooks';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString } from 'class-validator';
import {
  IntegerField,
  MapField,
  ObjectField,
  TextField,
  TextMapField,
  TimeField,
} from '../../rest/fields.decorator.js';

export class WebhookExecutionMetrics {
  @IntegerField() task_count?: number;
  @IntegerField() success_task_count?: number;
  @IntegerField() error_task_count?: number;
  @IntegerField() pending_task_count?: number;
  @IntegerField() running_task_count?: number;
  @IntegerField() scheduled_task_count?: number;
  @IntegerField() stopped_task_count?: number;

  /** A delivery has one task. */
  static of({ status }: Delivery): WebhookExecutionMetrics {
    const metrics = { task_count: 1 };
    return { ...metrics, [`${status.toLowerCase()}_task_count`]: 1 };
  }
}

/** One message to one target. */
export class WebhookExecutionResponse {
  @IntegerField() id?: number;
  @TextField({ description: '`WEBHOOK`, `SLACK` or `TEAMS`.' }) vendor_type?: string;
  @IntegerField({ description: 'Of the policy.' }) vendor_id?: number;
  @TextField({ description: '`Running` until it is `Success`, `Error` or `Stopped`.' }) status?: string;
  @TextField() status_message?: string;
  @ObjectField(() => WebhookExecutionMetrics) metrics?: WebhookExecutionMetrics;
  @TextField() trigger?: string;
  @MapField(true, { description: '`event_type`, `payload`, and of ours `operator`, `delivery_id`, `replay_of`.' })
  extra_attrs?: object;
  @TextField() start_time?: string;
  @TextField() end_time?: string;

  static of(delivery: Delivery): Partial<WebhookExecutionResponse> {
    return omitEmpty<WebhookExecutionResponse>({
      id: delivery.id,
      vendor_type: VENDOR_TYPE[delivery.targetType],
      vendor_id: delivery.policyId,
      // Of an execution with a task that waits for its next try Harbor says that it is running.
      status: delivery.status === 'Pending' ? 'Running' : delivery.status,
      status_message: delivery.statusMessage,
      metrics: WebhookExecutionMetrics.of(delivery),
      trigger: 'EVENT',
      extra_attrs: extraAttributesOf(delivery),
      start_time: seconds(delivery.createdAt),
      end_time: delivery.endedAt === null ? '' : seconds(delivery.endedAt),
    });
  }
}

/** The one task of a delivery, which has its id. */
export class WebhookTaskResponse {
  @IntegerField() id?: number;
  @IntegerField() execution_id?: number;
  @TextField({ description: '`Pending` before the first attempt and between attempts.' }) status?: string;
  @TextField() status_message?: string;
  @IntegerField({ description: 'Attempts that were begun.' }) run_count?: number;
  @MapField(true) extra_attrs?: object;
  @TextField() creation_time?: string;
  @TextField() update_time?: string;
  @TextField() start_time?: string;
  @TextField() end_time?: string;

  static of(delivery: Delivery): Partial<WebhookTaskResponse> {
    const { startedAt, endedAt } = delivery;
    return omitEmpty<WebhookTaskResponse>({
      id: delivery.id,
      execution_id: delivery.id,
      status: delivery.status,
      status_message: delivery.statusMessage,
      run_count: delivery.attempts,
      extra_attrs: extraAttributesOf(delivery),
      creation_time: seconds(delivery.createdAt),
      update_time: seconds(delivery.updatedAt),
      start_time: startedAt === null ? '' : seconds(startedAt),
      end_time: endedAt === null ? '' : seconds(endedAt),
    });
  }
}

/** A delivery in the form of the older list. */
export class WebhookJobResponse {
  @IntegerField() id?: number;
  @IntegerField() policy_id?: number;
  @TextField() event_type?: string;
  @TextField() notify_type?: string;
  @TextField() status?: string;
  @TextField({ description: 'What is sent.' }) job_detail?: string;
  @TimeField() creation_time?: string;
  @TimeField() update_time?: string;

  static of(delivery: Delivery): Partial<WebhookJobResponse> {
    return omitEmpty<WebhookJobResponse>({
      id: delivery.id,
      policy_id: delivery.policyId,
      event_type: delivery.eventType,
      notify_type: delivery.targetType,
      status: delivery.status,
      job_detail: delivery.body,
      creation_time: harborTime(delivery.createdAt),
      update_time: harborTime(delivery.updatedAt),
    });
  }
}

/** One try to deliver. */
export class WebhookAttemptResponse {
  @IntegerField({ description: 'From 1. One that is missing was cut short by the end of its process.' })
  attempt!: number;
  @TimeField() start_time!: string;
  @IntegerField() duration_ms!: number;
  @TextField({ description: 'Without what a query or user information says.' }) address!: string;
  @TextMapField({ description: 'As they were sent, secrets blanked.' }) request_headers!: Readonly<
    Record<string, string>
  >;
  @IntegerField({ description: 'Left out: there was no answer.' }) response_status?: number;
  @TextField({ description: 'The beginning of the answer.' }) response_body?: string;
  @TextField({ description: 'Why it was not delivered; left out: it was.' }) error?: string;

  static of(attempt: Attempt): WebhookAttemptResponse {
    const { responseStatus, responseBody, error } = attempt;
    return {
      attempt: attempt.attempt,
      start_time: harborTime(attempt.startedAt),
      duration_ms: attempt.durationMs,
      address: attempt.address,
      request_headers: attempt.requestHeaders,
      ...(responseStatus === null ? {} : { response_status: responseStatus }),
      ...(responseBody === null ? {} : { response_body: responseBody }),
      ...(error === null ? {} : { error }),
    };
  }
}

export class WebhookJobQuery extends ListQuery {
  @ApiProperty({ type: 'integer' })
  @IsInt()
  policy_id!: number;

  @ApiPropertyOptional({ type: [String], description: 'Only those in one of these states.' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    Array.isArray(value) ? (value as unknown[]) : String(value).split(','),
  )
  @IsArray()
  @IsString({ each: true })
  status?: string[];
}

const VENDOR_TYPE = { http: 'WEBHOOK', slack: 'SLACK', teams: 'TEAMS' } as const;

function extraAttributesOf(delivery: Delivery): object {
  const { eventType, body, operator, uid, replayOf } = delivery;
  const ours = { operator, delivery_id: uid, ...(replayOf === null ? {} : { replay_of: replayOf }) };
  return { event_type: eventType, payload: body, ...ours };
}

/** `2026-08-21T05:58:10Z`: these lists have whole seconds. */
function seconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
