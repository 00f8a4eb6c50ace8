import type { Queryable, Transaction } from '@breakwater/database';
import type { ListPage, ListRequest } from '../lists/list.js';
import type { VendorType } from '../job-types.js';
import type { Execution, JsonObject, NewExecution, NewTask } from './execution.js';
import { CHANGES, EXACT_COLUMNS, executionOf, STORED_COLUMNS, type ExecutionRow } from './execution-row.js';

/** Which executions: of a type, or of one of its objects. */
export interface ExecutionScope {
  readonly vendorType?: VendorType;
  readonly vendorId?: number;
}

/** Tables `execution` and `execution_change`, and new tasks. */
export class ExecutionRepository {
  async insert(tx: Transaction, execution: NewExecution): Promise<Execution> {
    const { vendorType, vendorId, trigger, extraAttributes = {}, tasks } = execution;
    const [row] = await tx.rows<ExecutionRow>(
      `INSERT INTO execution (vendor_type, vendor_id, trigger, extra_attributes, pending_count, status, ended_at)
       VALUES ($1, $2, $3, $4, $5::integer, CASE $5::integer WHEN 0 THEN 'Success' ELSE 'Running' END,
               CASE $5::integer WHEN 0 THEN now() END)
       RETURNING ${STORED_COLUMNS}`,
      [vendorType, vendorId, trigger, JSON.stringify(extraAttributes), tasks.length],
    );
    return executionOf(row as ExecutionRow);
  }

  /** @returns their ids, in their order. */
  async insertTasks(tx: Transaction, executionId: number, tasks: readonly NewTask[]): Promise<number[]> {
    const rows = await tx.rows<{ id: string }>(
      `INSERT INTO task (execution_id, type, priority, parameters, extra_attributes)
       SELECT $1, type, priority, parameters, extra_attributes
         FROM unnest($2::text[], $3::smallint[], $4::jsonb[], $5::jsonb[]) WITH ORDINALITY
              AS new (type, priority, parameters, extra_attributes, number)
        ORDER BY number
       RETURNING id`,
      [
        executionId,
        tasks.map((task) => task.type),
        tasks.map((task) => (task.priority === 'bulk' ? 1 : 0)),
        tasks.map((task) => JSON.stringify(task.parameters)),
        tasks.map((task) => JSON.stringify(task.extraAttributes ?? {})),
      ],
    );
    return rows.map((row) => Number(row.id));
  }

  /** Keeps it from ending, and from being stopped, until the transaction is over. @returns whether it takes tasks. */
  async lockOpen(tx: Transaction, executionId: number): Promise<boolean> {
    const rows = await tx.rows(
      'SELECT id FROM execution WHERE id = $1 AND ended_at IS NULL AND NOT is_stop_requested FOR SHARE',
      [executionId],
    );
    return rows.length > 0;
  }

  async addPending(tx: Transaction, executionId: number, count: number): Promise<void> {
    await tx.execute('INSERT INTO execution_change (execution_id, pending) VALUES ($1, $2)', [executionId, count]);
  }

  /** @returns whether there is such an execution; one that has ended stays as it is. */
  async requestStop(tx: Transaction, executionId: number): Promise<boolean> {
    const touched = await tx.execute(
      'UPDATE execution SET is_stop_requested = true, updated_at = now() WHERE id = $1 AND ended_at IS NULL',
      [executionId],
    );
    return touched > 0 || (await this.find(tx, executionId)) !== null;
  }

  async find(on: Queryable, executionId: number): Promise<Execution | null> {
    const [row] = await on.rows<ExecutionRow>(
      `SELECT ${EXACT_COLUMNS} FROM execution ${CHANGES} WHERE execution.id = $1`,
      [executionId],
    );
    return row === undefined ? null : executionOf(row);
  }

  async list(on: Queryable, scope: ExecutionScope, request: ListRequest): Promise<ListPage<Execution>> {
    const params = [...(request.where?.params ?? [])];
    const bind = (value: string | number): string => `$${params.push(value)}`;
    const where = [
      `(${request.where?.sql ?? 'TRUE'})`,
      ...(scope.vendorType === undefined ? [] : [`execution.vendor_type = ${bind(scope.vendorType)}`]),
      ...(scope.vendorId === undefined ? [] : [`execution.vendor_id = ${bind(scope.vendorId)}`]),
    ].join(' AND ');
    const [count] = await on.rows<{ total: string }>(`SELECT count(*) AS total FROM execution WHERE ${where}`, params);
    const orderBy = request.orderBy ?? 'execution.started_at DESC, execution.id DESC';
    // The page first: only its rows are added up.
    const rows = await on.rows<ExecutionRow>(
      `SELECT ${EXACT_COLUMNS}
         FROM (SELECT * FROM execution WHERE ${where} ORDER BY ${orderBy}
                LIMIT ${bind(request.limit)} OFFSET ${bind(request.offset)}) AS execution ${CHANGES}
        ORDER BY ${orderBy}`,
      params,
    );
    return { items: rows.map(executionOf), total: Number(count?.total ?? 0) };
  }

  /** @returns whether there is such an execution. */
  async mergeExtraAttributes(tx: Transaction, executionId: number, attributes: JsonObject): Promise<boolean> {
    const touched = await tx.execute(
      'UPDATE execution SET extra_attributes = extra_attributes || $2::jsonb, updated_at = now() WHERE id = $1',
      [executionId, JSON.stringify(attributes)],
    );
    return touched > 0;
  }

  async removeOf(tx: Transaction, vendorType: VendorType, vendorIds: readonly number[]): Promise<number> {
    return tx.execute('DELETE FROM execution WHERE vendor_type = $1 AND vendor_id = ANY($2::bigint[])', [
      vendorType,
      vendorIds,
    ]);
  }

  /** Executions whose counts have differences that are not added up. */
  async unsettled(on: Queryable, limit: number): Promise<number[]> {
    const rows = await on.rows<{ execution_id: string }>(
      'SELECT DISTINCT execution_id FROM execution_change ORDER BY execution_id LIMIT $1',
      [limit],
    );
    return rows.map((row) => Number(row.execution_id));
  }

  /** Adds the differences up. @returns those executions that have ended by it. */
  async settle(tx: Transaction, executionIds: readonly number[]): Promise<Execution[]> {
    // A statement of its own: what was changed until the lock was had must be seen by the next one. Those to which
    // somebody adds tasks right now are left for later.
    const locked = await tx.rows<{ id: string }>(
      'SELECT id FROM execution WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED',
      [executionIds],
    );
    if (locked.length < executionIds.length) await this.forgetOrphans(tx, executionIds);
    if (locked.length === 0) return [];
    const rows = await tx.rows<ExecutionRow & { has_ended: boolean }>(SETTLE, [locked.map((row) => row.id)]);
    return rows.filter((row) => row.has_ended).map(executionOf);
  }

  /** What tasks have left of executions that were removed while they ran. */
  private async forgetOrphans(tx: Transaction, executionIds: readonly number[]): Promise<void> {
    await tx.execute(
      `DELETE FROM execution_change WHERE execution_id = ANY($1::bigint[])
          AND NOT EXISTS (SELECT FROM execution WHERE execution.id = execution_change.execution_id)`,
      [executionIds],
    );
  }
}

const SETTLE = `
  WITH gone AS (DELETE FROM execution_change WHERE execution_id = ANY($1::bigint[]) RETURNING *),
       change AS (SELECT execution_id, sum(pending) AS pending, sum(scheduled) AS scheduled, sum(running) AS running,
                         sum(success) AS success, sum(error) AS error, sum(stopped) AS stopped
                    FROM gone GROUP BY execution_id),
       total AS (SELECT execution.id, pending_count + change.pending AS pending,
                        scheduled_count + change.scheduled AS scheduled, running_count + change.running AS running,
                        success_count + change.success AS success, error_count + change.error AS error,
                        stopped_count + change.stopped AS stopped
                   FROM execution JOIN change ON change.execution_id = execution.id)
  UPDATE execution
     SET pending_count = total.pending, scheduled_count = total.scheduled, running_count = total.running,
         success_count = total.success, error_count = total.error, stopped_count = total.stopped,
         status = CASE WHEN total.pending + total.scheduled + total.running > 0 THEN 'Running'
                       WHEN total.error > 0 THEN 'Error'
                       WHEN total.stopped > 0 THEN 'Stopped'
                       ELSE 'Success' END,
         ended_at = CASE WHEN total.pending + total.scheduled + total.running = 0 THEN clock_timestamp() END,
         updated_at = clock_timestamp()
    FROM total
   WHERE execution.id = total.id
  RETURNING ${STORED_COLUMNS}, old.ended_at IS NULL AND new.ended_at IS NOT NULL AS has_ended`;
