import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Executions, their tasks and logs; schedules; paused queues; the workers that are alive.
 *
 * The rows are the truth, messages only wake workers. Ten thousand tasks of one execution end within seconds, so none
 * of them writes the execution's own row: each batch leaves a difference of the counts, which is added up later.
 */
export class CreateJobs1764000400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE execution (
        id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        vendor_type       text NOT NULL,
        vendor_id         bigint NOT NULL,
        trigger           text NOT NULL,
        status            text NOT NULL DEFAULT 'Running',
        status_message    text NOT NULL DEFAULT '',
        extra_attributes  jsonb NOT NULL DEFAULT '{}',
        is_stop_requested boolean NOT NULL DEFAULT false,
        -- Without what waits in execution_change.
        pending_count     integer NOT NULL DEFAULT 0,
        scheduled_count   integer NOT NULL DEFAULT 0,
        running_count     integer NOT NULL DEFAULT 0,
        success_count     integer NOT NULL DEFAULT 0,
        error_count       integer NOT NULL DEFAULT 0,
        stopped_count     integer NOT NULL DEFAULT 0,
        started_at        timestamptz NOT NULL DEFAULT now(),
        updated_at        timestamptz NOT NULL DEFAULT now(),
        -- Null while a task is pending or runs.
        ended_at          timestamptz,
        CONSTRAINT execution_trigger_check CHECK (trigger IN ('MANUAL', 'SCHEDULE', 'EVENT')),
        CONSTRAINT execution_status_check CHECK (status IN ('Running', 'Success', 'Error', 'Stopped'))
      )`);
    await runner.query('CREATE INDEX execution_vendor_idx ON execution (vendor_type, vendor_id, id DESC)');
    await runner.query(`
      -- Differences of an execution's counts that are not in its row yet; they live for a moment. No foreign key: each
      -- check would lock the one row that they are kept apart for.
      CREATE TABLE execution_change (
        id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        execution_id  bigint NOT NULL,
        pending       integer NOT NULL DEFAULT 0,
        scheduled     integer NOT NULL DEFAULT 0,
        running       integer NOT NULL DEFAULT 0,
        success       integer NOT NULL DEFAULT 0,
        error         integer NOT NULL DEFAULT 0,
        stopped       integer NOT NULL DEFAULT 0
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`);
    await runner.query('CREATE INDEX execution_change_execution_idx ON execution_change (execution_id)');
    await runner.query(`
      CREATE TABLE worker_pool (
        id            uuid PRIMARY KEY,
        host          text NOT NULL,
        pid           integer NOT NULL,
        concurrency   integer NOT NULL,
        started_at    timestamptz NOT NULL DEFAULT now(),
        heartbeat_at  timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE task (
        id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        execution_id      bigint NOT NULL CONSTRAINT task_execution_fk REFERENCES execution ON DELETE CASCADE,
        type              text NOT NULL,
        -- Lower goes first: what a person waits for before what a schedule set going in bulk.
        priority          smallint NOT NULL DEFAULT 0,
        status            text NOT NULL DEFAULT 'Pending',
        status_message    text NOT NULL DEFAULT '',
        parameters        jsonb NOT NULL DEFAULT '{}',
        extra_attributes  jsonb NOT NULL DEFAULT '{}',
        -- How often it was begun. Together with pool_id it tells one run from another.
        run_count         integer NOT NULL DEFAULT 0,
        -- Runs that ended with an error, and runs whose worker was never heard of again.
        failure_count     integer NOT NULL DEFAULT 0,
        loss_count        integer NOT NULL DEFAULT 0,
        -- Not before; later than now while it waits for its next try.
        due_at            timestamptz NOT NULL DEFAULT now(),
        pool_id           uuid,
        lease_until       timestamptz,
        is_stop_requested boolean NOT NULL DEFAULT false,
        progress_done     bigint,
        progress_total    bigint,
        progress_at       timestamptz,
        created_at        timestamptz NOT NULL DEFAULT now(),
        updated_at        timestamptz NOT NULL DEFAULT now(),
        started_at        timestamptz,
        ended_at          timestamptz,
        CONSTRAINT task_status_check
          CHECK (status IN ('Pending', 'Scheduled', 'Running', 'Success', 'Error', 'Stopped')),
        CONSTRAINT task_lease_check CHECK ((status = 'Running') = (lease_until IS NOT NULL AND pool_id IS NOT NULL))
      ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1)`);
    await runner.query('CREATE INDEX task_execution_idx ON task (execution_id, id)');
    // What workers claim from.
    await runner.query(
      `CREATE INDEX task_due_idx ON task (type, priority, due_at, id) WHERE status IN ('Pending', 'Scheduled')`,
    );
    await runner.query(`CREATE INDEX task_running_idx ON task (type, lease_until) WHERE status = 'Running'`);
    await runner.query(`
      -- In pieces of many lines each.
      CREATE TABLE task_log (
        id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        task_id  bigint NOT NULL CONSTRAINT task_log_task_fk REFERENCES task ON DELETE CASCADE,
        lines    text NOT NULL
      )`);
    await runner.query('CREATE INDEX task_log_task_idx ON task_log (task_id, id)');
    await runner.query(`
      -- A type without a row is not paused.
      CREATE TABLE job_queue (
        type        text PRIMARY KEY,
        is_paused   boolean NOT NULL,
        updated_at  timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE schedule (
        id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        vendor_type    text NOT NULL,
        vendor_id      bigint NOT NULL,
        -- A label: Hourly, Daily, Weekly, Custom.
        cron_type      text NOT NULL,
        cron           text NOT NULL,
        parameters     jsonb NOT NULL DEFAULT '{}',
        -- Null: the expression names no time that is to come.
        next_fire_at   timestamptz,
        last_fired_at  timestamptz,
        created_at     timestamptz NOT NULL DEFAULT now(),
        updated_at     timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT schedule_vendor_key UNIQUE (vendor_type, vendor_id)
      )`);
    await runner.query('CREATE INDEX schedule_next_idx ON schedule (next_fire_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = ['schedule', 'job_queue', 'task_log', 'task', 'worker_pool', 'execution_change', 'execution'];
    for (const table of tables) await runner.query(`DROP TABLE ${table}`);
  }
}
