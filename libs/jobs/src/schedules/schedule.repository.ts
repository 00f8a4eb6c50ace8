import type { Queryable, Transaction } from '@breakwater/database';
import type { JsonObject } from '../executions/execution.js';
import type { VendorType } from '../job-types.js';
import type { ListPage, ListRequest } from '../lists/list.js';
import type { CronType, NewSchedule, Schedule } from './schedule.js';

/** Table `schedule`. */
export class ScheduleRepository {
  async upsert(tx: Transaction, schedule: NewSchedule, nextFireAt: Date | null): Promise<Schedule> {
    const { vendorType, vendorId, cronType, cron, parameters = {} } = schedule;
    const [row] = await tx.rows<ScheduleRow>(
      `INSERT INTO schedule (vendor_type, vendor_id, cron_type, cron, parameters, next_fire_at)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT ON CONSTRAINT schedule_vendor_key DO UPDATE
          SET cron_type = $3, cron = $4, parameters = $5, next_fire_at = $6, updated_at = now()
       RETURNING ${COLUMNS}`,
      [vendorType, vendorId, cronType, cron, JSON.stringify(parameters), nextFireAt],
    );
    return scheduleOf(row as ScheduleRow);
  }

  /** What is there already stays. @returns whether it was not. */
  async insertMissing(tx: Transaction, schedule: NewSchedule, nextFireAt: Date | null): Promise<boolean> {
    const { vendorType, vendorId, cronType, cron, parameters = {} } = schedule;
    const inserted = await tx.execute(
      `INSERT INTO schedule (vendor_type, vendor_id, cron_type, cron, parameters, next_fire_at)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT ON CONSTRAINT schedule_vendor_key DO NOTHING`,
      [vendorType, vendorId, cronType, cron, JSON.stringify(parameters), nextFireAt],
    );
    return inserted > 0;
  }

  async find(on: Queryable, vendorType: VendorType, vendorId: number): Promise<Schedule | null> {
    const [row] = await on.rows<ScheduleRow>(
      `SELECT ${COLUMNS} FROM schedule WHERE vendor_type = $1 AND vendor_id = $2`,
      [vendorType, vendorId],
    );
    return row === undefined ? null : scheduleOf(row);
  }

  async list(on: Queryable, request: ListRequest): Promise<ListPage<Schedule>> {
    const params = [...(request.where?.params ?? [])];
    const where = request.where?.sql ?? 'TRUE';
    const [count] = await on.rows<{ total: string }>(`SELECT count(*) AS total FROM schedule WHERE ${where}`, params);
    const rows = await on.rows<ScheduleRow>(
      `SELECT ${COLUMNS} FROM schedule WHERE ${where} ORDER BY ${request.orderBy ?? 'schedule.id'}
        LIMIT $${params.length + 1} OFFSET $${params.length + 2}`,
      [...params, request.limit, request.offset],
    );
    return { items: rows.map(scheduleOf), total: Number(count?.total ?? 0) };
  }

  async remove(tx: Transaction, vendorType: VendorType, vendorIds: readonly number[]): Promise<number> {
    return tx.execute('DELETE FROM schedule WHERE vendor_type = $1 AND vendor_id = ANY($2::bigint[])', [
      vendorType,
      vendorIds,
    ]);
  }

  /** The server's clock is the one that counts: replicas agree on it. */
  async now(on: Queryable): Promise<Date> {
    const [row] = await on.rows<{ now: Date }>('SELECT clock_timestamp() AS now');
    return (row as { now: Date }).now;
  }

  /** Those whose time has come and that no other replica is firing. They stay locked until the transaction is over. */
  async lockDue(tx: Transaction, limit: number): Promise<Schedule[]> {
    const rows = await tx.rows<ScheduleRow>(
      `SELECT ${COLUMNS} FROM schedule WHERE next_fire_at <= clock_timestamp()
        ORDER BY next_fire_at, id LIMIT $1 FOR UPDATE SKIP LOCKED`,
      [limit],
    );
    return rows.map(scheduleOf);
  }

  async fired(tx: Transaction, scheduleId: number, at: Date, nextFireAt: Date | null): Promise<void> {
    await tx.execute('UPDATE schedule SET last_fired_at = $2, next_fire_at = $3 WHERE id = $1', [
      scheduleId,
      at,
      nextFireAt,
    ]);
  }

  /** When the next one is due, in milliseconds from now; null when there is none. */
  async untilNextMs(on: Queryable): Promise<number | null> {
    const [row] = await on.rows<{ ms: number | null }>(
      `SELECT (extract(epoch FROM min(next_fire_at) - clock_timestamp()) * 1000)::float8 AS ms FROM schedule`,
    );
    return row?.ms ?? null;
  }
}

const COLUMNS = `schedule.id, schedule.vendor_type, schedule.vendor_id, schedule.cron_type, schedule.cron,
  schedule.parameters, schedule.next_fire_at, schedule.last_fired_at, schedule.created_at, schedule.updated_at`;

interface ScheduleRow {
  readonly id: string;
  readonly vendor_type: string;
  readonly vendor_id: string;
  readonly cron_type: string;
  readonly cron: string;
  readonly parameters: JsonObject;
  readonly next_fire_at: Date | null;
  readonly last_fired_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

function scheduleOf(row: ScheduleRow): Schedule {
  return {
    id: Number(row.id),
    vendorType: row.vendor_type as VendorType,
    vendorId: Number(row.vendor_id),
    cronType: row.cron_type as CronType,
    cron: row.cron,
    parameters: row.parameters,
    nextFireAt: row.next_fire_at,
    lastFiredAt: row.last_fired_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
