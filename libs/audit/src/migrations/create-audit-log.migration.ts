import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who did what. No foreign keys: a row outlives the project, the user and the artifact that it names, and says their
 * names as they were. Not divided by time: what is purged is old rows of some kinds, while those of others stay.
 */
export class CreateAuditLog1764000300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_log (
        id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        -- When it came to pass, as its event tells.
        op_time        timestamptz NOT NULL,
        -- Null for what belongs to no project.
        project_id     integer,
        username       text NOT NULL,
        operation      text NOT NULL,
        resource_type  text NOT NULL,
        resource       text NOT NULL,
        description    text NOT NULL,
        is_success     boolean NOT NULL
      )`);
    // Every list is read backwards in time along one of these; the first is what a purge goes along as well.
    await runner.query('CREATE INDEX audit_log_time_idx ON audit_log (op_time DESC, id DESC)');
    await runner.query('CREATE INDEX audit_log_project_idx ON audit_log (project_id, op_time DESC, id DESC)');
    await runner.query('CREATE INDEX audit_log_username_idx ON audit_log (username, op_time DESC, id DESC)');
    await runner.query('CREATE INDEX audit_log_operation_idx ON audit_log (operation, op_time DESC, id DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_log');
  }
}
