import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users, who belongs to which project, and what tokens are made with. Runs after the catalog's tables. */
export class CreateAccounts1764000200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE account (
        -- 1 is kept for the administrator that the first start makes, whoever else is made before.
        id               integer GENERATED ALWAYS AS IDENTITY (START WITH 2) PRIMARY KEY,
        username         text COLLATE "C" NOT NULL,
        email            text NOT NULL,
        realname         text NOT NULL DEFAULT '',
        comment          text NOT NULL DEFAULT '',
        -- argon2id in PHC text form; null for an account that cannot sign in by password.
        password_hash    text,
        is_system_admin  boolean NOT NULL DEFAULT false,
        is_disabled      boolean NOT NULL DEFAULT false,
        -- Changes when every token of the account must end: password change, disable, delete, loss of the admin flag.
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
        kid           text PRIMARY KEY,
        -- Private JWK, sealed with the key ring of BREAKWATER_SECRET_KEY; gone once the key is retired.
        private_key   text,
        public_key    jsonb NOT NULL,
        created_at    timestamptz NOT NULL DEFAULT now(),
        -- Null for the one key that signs; a retired one still verifies until then.
        verify_until  timestamptz,
        CONSTRAINT signing_key_private_check CHECK ((private_key IS NULL) = (verify_until IS NOT NULL))
      )`);
    // Of the replicas that make the first key at the same moment one wins: there is never a second signing key.
    await runner.query(
      'CREATE UNIQUE INDEX signing_key_current_key ON signing_key ((verify_until IS NULL)) WHERE verify_until IS NULL',
    );

    await runner.query(`
      CREATE TABLE refresh_token (
        id            uuid PRIMARY KEY DEFAULT uuidv7(),
        account_id    integer NOT NULL CONSTRAINT refresh_token_account_fk REFERENCES account ON DELETE CASCADE,
        -- Of the account when it was made; worth nothing once that has changed.
        incarnation   uuid NOT NULL,
        -- SHA-256 of the token's text. 256 random bits need no salt and no slow hash.
        digest        bytea NOT NULL,
        -- What the client calls itself, e.g. docker; shown, never trusted.
        client        text NOT NULL,
        created_at    timestamptz NOT NULL DEFAULT now(),
        expires_at    timestamptz NOT NULL,
        -- Written at most once an hour.
        last_used_at  timestamptz,
        CONSTRAINT refresh_token_digest_key UNIQUE (digest)
      )`);
    await runner.query('CREATE INDEX refresh_token_account_idx ON refresh_token (account_id, id)');
    await runner.query('CREATE INDEX refresh_token_expires_idx ON refresh_token (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE refresh_token, signing_key, project_member, account');
  }
}
