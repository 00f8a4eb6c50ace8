import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Findings as CSV files, until they are fetched or forgotten. Refers to nobody else's tables. */
export class CreateExports1764000520000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE scan_data_export (
        id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        -- Of libs/jobs: its execution has this row for its vendor object, and goes with it.
        execution_id  bigint CONSTRAINT scan_data_export_execution_key UNIQUE,
        -- Whose it is; the name is of the time when it was asked for.
        account_id    bigint NOT NULL,
        account_name  text NOT NULL,
        project_id    integer NOT NULL,
        -- The run that writes: of two, the later one.
        writer        uuid,
        -- Null until the file is whole; 0 for nothing found, which is no file.
        size_bytes    bigint,
        chunk_count   integer NOT NULL DEFAULT 0,
        message       text NOT NULL DEFAULT '',
        created_at    timestamptz NOT NULL DEFAULT now(),
        expires_at    timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX scan_data_export_account_idx ON scan_data_export (account_id, id DESC)');
    await runner.query('CREATE INDEX scan_data_export_expires_idx ON scan_data_export (expires_at)');
    await runner.query(`
      -- A file in pieces of some 100 KiB. No byte without an owner: pieces go with the row above.
      CREATE TABLE scan_data_export_chunk (
        export_id  bigint NOT NULL CONSTRAINT scan_data_export_chunk_export_fk REFERENCES scan_data_export ON DELETE CASCADE,
        number     integer NOT NULL,
        content    bytea NOT NULL,
        CONSTRAINT scan_data_export_chunk_pk PRIMARY KEY (export_id, number)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE scan_data_export_chunk, scan_data_export');
  }
}
