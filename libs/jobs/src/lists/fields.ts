// What clients may filter and sort lists by, under Harbor's names, in the form that `buildFilter` and `buildOrder` of
// libs/http take. What is not here cannot be asked for.

export const executionFields = {
  id: { column: 'execution.id', type: 'integer' },
  vendor_type: { column: 'execution.vendor_type', type: 'text' },
  vendor_id: { column: 'execution.vendor_id', type: 'integer' },
  status: { column: 'execution.status', type: 'text' },
  trigger: { column: 'execution.trigger', type: 'text' },
  start_time: { column: 'execution.started_at', type: 'time' },
  update_time: { column: 'execution.updated_at', type: 'time' },
  end_time: { column: 'execution.ended_at', type: 'time' },
} as const;

export const taskFields = {
  id: { column: 'task.id', type: 'integer' },
  execution_id: { column: 'task.execution_id', type: 'integer' },
  vendor_type: { column: 'task.type', type: 'text' },
  status: { column: 'task.status', type: 'text' },
  run_count: { column: 'task.run_count', type: 'integer' },
  creation_time: { column: 'task.created_at', type: 'time' },
  start_time: { column: 'task.started_at', type: 'time' },
  update_time: { column: 'task.updated_at', type: 'time' },
  end_time: { column: 'task.ended_at', type: 'time' },
} as const;

export const scheduleFields = {
  id: { column: 'schedule.id', type: 'integer' },
  vendor_type: { column: 'schedule.vendor_type', type: 'text' },
  vendor_id: { column: 'schedule.vendor_id', type: 'integer' },
  cron: { column: 'schedule.cron', type: 'text' },
  creation_time: { column: 'schedule.created_at', type: 'time' },
  update_time: { column: 'schedule.updated_at', type: 'time' },
} as const;
