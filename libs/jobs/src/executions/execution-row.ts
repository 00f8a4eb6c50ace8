import { statusOf, type Execution, type JsonObject, type TaskCounts, type Trigger } from './execution.js';
import type { VendorType } from '../job-types.js';

/** As the driver gives it: bigint comes as text. */
export interface ExecutionRow extends TaskCounts {
  readonly id: string;
  readonly vendor_type: string;
  readonly vendor_id: string;
  readonly trigger: string;
  readonly status: string;
  readonly status_message: string;
  readonly extra_attributes: JsonObject;
  readonly started_at: Date;
  readonly updated_at: Date;
  readonly ended_at: Date | null;
}

const OWN_COLUMNS = `execution.id, execution.vendor_type, execution.vendor_id, execution.trigger, execution.status,
  execution.status_message, execution.extra_attributes, execution.started_at, execution.updated_at, execution.ended_at`;

/** The counts of the row alone. */
export const STORED_COLUMNS = `${OWN_COLUMNS},
  execution.pending_count AS pending, execution.scheduled_count AS scheduled, execution.running_count AS running,
  execution.success_count AS success, execution.error_count AS error, execution.stopped_count AS stopped`;

/** With what has not been added up yet: exact at every moment. Goes with `CHANGES`. */
export const EXACT_COLUMNS = `${OWN_COLUMNS},
  execution.pending_count + change.pending AS pending, execution.scheduled_count + change.scheduled AS scheduled,
  execution.running_count + change.running AS running, execution.success_count + change.success AS success,
  execution.error_count + change.error AS error, execution.stopped_count + change.stopped AS stopped`;

export const CHANGES = `CROSS JOIN LATERAL (
  SELECT coalesce(sum(pending), 0)::integer AS pending, coalesce(sum(scheduled), 0)::integer AS scheduled,
         coalesce(sum(running), 0)::integer AS running, coalesce(sum(success), 0)::integer AS success,
         coalesce(sum(error), 0)::integer AS error, coalesce(sum(stopped), 0)::integer AS stopped
    FROM execution_change WHERE execution_change.execution_id = execution.id) AS change`;

/** It has ended once its row says so, and those who are told of it have been: a moment after its last task. */
export function executionOf(row: ExecutionRow): Execution {
  const { pending, scheduled, running, success, error, stopped } = row;
  const counts = { pending, scheduled, running, success, error, stopped };
  return {
    id: Number(row.id),
    vendorType: row.vendor_type as VendorType,
    vendorId: Number(row.vendor_id),
    trigger: row.trigger as Trigger,
    status: row.ended_at === null ? 'Running' : statusOf(counts),
    statusMessage: row.status_message,
    extraAttributes: row.extra_attributes,
    counts,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    endedAt: row.ended_at,
  };
}
