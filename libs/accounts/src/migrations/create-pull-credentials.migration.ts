import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a scan pulls with. Runs after the catalog's tables. */
export class CreatePullCredentials1764000210000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pull_credential (
        id          uuid PRIMARY KEY DEFAULT uuidv7(),
        -- SHA-256 of the secret. 256 random bits need no salt and no slow hash.
        digest      bytea NOT NULL,
        project_id  integer NOT NULL CONSTRAINT pull_credential_project_fk REFERENCES project ON DELETE CASCADE,
        -- With its project, e.g. library/app: the one that it may pull from.
        repository  text COLLATE "C" NOT NULL,
        -- On whose behalf it was made, e.g. task:42: it is revoked by that.
        holder      text NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now(),
        expires_at  timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX pull_credential_project_idx ON pull_credential (project_id)');
    await runner.query('CREATE INDEX pull_credential_holder_idx ON pull_credential (holder)');
    await runner.query('CREATE INDEX pull_credential_expires_idx ON pull_credential (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pull_credential');
  }
}
