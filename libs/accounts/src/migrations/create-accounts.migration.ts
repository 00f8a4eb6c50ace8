import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users, who belongs to which project, and the keys that tokens are signed with. Runs after the catalog's tables. */
export class CreateAccounts1764000200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE account (
        id               integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        username         text COLLATE "C" NOT NULL,
        email            text NOT NULL,
        realname         text NOT NULL DEFAULT '',
        comment          text NOT NULL DEFAULT '',
        -- argon2id in PHC text form; null for an account that cannot sign in by password.
        password_hash    text,
        is_system_admin  boolean NOT NULL DEFAULT false,
        is_disabled      boolean NOT NULL DEFAULT false,
        -- Changes when every token of the account must end: password change, disable, delete.
        incarnation      uuid NOT NULL DEFAULT uuidv7(),
        created_at       timestamptz NOT NULL DEFAULT now(),
        updated_at       timestamptz NOT NULL DEFAULT now(),
        -- The row stays for the audit; name and address may be used again.
        deleted_at       timestamptz
      )`);
    await runner.query('CREATE UNIQUE INDEX account_username_key ON account (username) WHERE deleted_at IS NULL');
    await runner.query('CREATE UNIQUE INDEX account_email_key ON account (lower(email)) WHERE deleted_at IS NULL');

    await runner.query(`
      CREATE TABLE project_member (
        id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        project_id   integer NOT NULL CONSTRAINT project_member_project_fk REFERENCES project ON DELETE CASCADE,
        -- 'u' an account; 'g' a user group.
        entity_type  text NOT NULL CONSTRAINT project_member_entity_check CHECK (entity_type IN ('u', 'g')),
        entity_id    integer NOT NULL,
        role_id      integer NOT NULL CONSTRAINT project_member_role_check CHECK (role_id BETWEEN 1 AND 5),
        created_at   timestamptz NOT NULL DEFAULT now(),
        updated_at   timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT project_member_entity_key UNIQUE (project_id, entity_type, entity_id)
      )`);
    await runner.query('CREATE INDEX project_member_entity_idx ON project_member (entity_type, entity_id)');

    await runner.query(`
      CREATE TABLE signing_key (
        kid          text PRIMARY KEY,
        -- Private JWK, sealed with the key ring of BREAKWATER_SECRET_KEY.
        private_key  text NOT NULL,
        public_key   jsonb NOT NULL,
        created_at   timestamptz NOT NULL DEFAULT now(),
        -- New tokens are signed with the newest key that is not retired; a retired one still verifies until this time.
        verify_until timestamptz
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE signing_key, project_member, account');
  }
}
