import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOutbox1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox_event (
        id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        message_id  uuid NOT NULL,
        subject     text NOT NULL,
        key         text NOT NULL,
        payload     jsonb NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox_event');
  }
}
