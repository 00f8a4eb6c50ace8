import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Scanners, which project uses which, and the system's allowlist. Runs after the catalog's tables. */
export class CreateScanners1764000500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE scanner_registration (
        id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        -- What the API knows it by.
        uuid               uuid NOT NULL DEFAULT uuidv7() CONSTRAINT scanner_registration_uuid_key UNIQUE,
        name               text COLLATE "C" NOT NULL CONSTRAINT scanner_registration_name_key UNIQUE,
        description        text NOT NULL DEFAULT '',
        -- Of the adapter, without /api/v1 and without a slash at the end.
        url                text COLLATE "C" NOT NULL CONSTRAINT scanner_registration_url_key UNIQUE,
        -- How we sign in to the adapter, in Harbor's words; '' for not at all.
        auth               text NOT NULL DEFAULT ''
                             CONSTRAINT scanner_registration_auth_check
                             CHECK (auth IN ('', 'Basic', 'Bearer', 'X-ScannerAdapter-API-Key')),
        -- Sealed with the key ring of BREAKWATER_SECRET_KEY and bound to this row's uuid.
        sealed_credential  text,
        skips_cert_verify  boolean NOT NULL DEFAULT false,
        -- The adapter pulls from the address inside of the installation instead of the public one.
        uses_internal_addr boolean NOT NULL DEFAULT false,
        is_disabled        boolean NOT NULL DEFAULT false,
        is_default         boolean NOT NULL DEFAULT false,
        -- Made by the settings, not by a request: nobody changes or deletes it through the API.
        is_immutable       boolean NOT NULL DEFAULT false,
        created_at         timestamptz NOT NULL DEFAULT now(),
        updated_at         timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT scanner_registration_credential_check CHECK ((auth = '') = (sealed_credential IS NULL)),
        CONSTRAINT scanner_registration_default_check CHECK (NOT (is_default AND is_disabled))
      )`);
    // One default at most, whoever moves it at the same moment.
    await runner.query(
      'CREATE UNIQUE INDEX scanner_registration_default_key ON scanner_registration (is_default) WHERE is_default',
    );
    await runner.query(
      'CREATE UNIQUE INDEX scanner_registration_immutable_key ON scanner_registration (is_immutable) WHERE is_immutable',
    );

    await runner.query(`
      CREATE TABLE project_scanner (
        project_id       integer NOT NULL CONSTRAINT project_scanner_project_fk REFERENCES project ON DELETE CASCADE,
        registration_id  integer NOT NULL CONSTRAINT project_scanner_registration_fk
                           REFERENCES scanner_registration ON DELETE CASCADE,
        -- 0, 1, …; Harbor's API sees the first one only. A project without a row uses the default.
        position         smallint NOT NULL,
        PRIMARY KEY (project_id, registration_id)
      )`);
    await runner.query('CREATE INDEX project_scanner_registration_idx ON project_scanner (registration_id)');

    await runner.query(`
      CREATE TABLE system_cve_allowlist (
        -- The one row.
        is_only     boolean PRIMARY KEY DEFAULT true CONSTRAINT system_cve_allowlist_only_check CHECK (is_only),
        cve_ids     text[] NOT NULL,
        expires_at  timestamptz,
        created_at  timestamptz NOT NULL DEFAULT now(),
        updated_at  timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE system_cve_allowlist, project_scanner, scanner_registration');
  }
}
