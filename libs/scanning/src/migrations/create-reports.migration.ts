import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Reports and what they found. Runs after the catalog's tables.
 *
 * Sized for 100,000 artifacts with 100 findings each. A finding as a scanner tells it is a row of `vulnerability` that
 * never changes and is shared by all reports that tell it to the letter, so a report is a list of numbers; it is read
 * back from there, and nothing keeps it as it came. Sums read reports and never findings.
 */
export class CreateReports1764000510000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One scan of one artifact by one scanner. Of one artifact, kind and scanner there are at most two rows: the last
      -- that was asked for, and the last that came to a report; most often they are the same.
      CREATE TABLE scan_report (
        id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        -- What the API knows it by.
        uuid             uuid NOT NULL DEFAULT uuidv7() CONSTRAINT scan_report_uuid_key UNIQUE,
        -- Null: the artifact is gone, or a newer report took its place; the sweeper takes the row with what it holds,
        -- so that neither deleting an artifact nor storing a report waits for a hundred thousand findings to go.
        artifact_id      bigint CONSTRAINT scan_report_artifact_fk REFERENCES artifact ON DELETE SET NULL,
        project_id       integer NOT NULL,
        -- Of the artifact, which never changes them: searches need no other table.
        repository_id    bigint NOT NULL,
        digest           text COLLATE "C" NOT NULL,
        kind             text NOT NULL CONSTRAINT scan_report_kind_check CHECK (kind IN ('vulnerability', 'sbom')),
        -- A scanner_registration. No foreign key: a report outlives the registration, and says itself whose it is.
        registration_id  integer NOT NULL,
        -- {"name", "vendor", "version"}: as the registration is called until the adapter has said it.
        scanner          jsonb NOT NULL,
        media_type       text NOT NULL,
        status           text NOT NULL DEFAULT 'Pending' CONSTRAINT scan_report_status_check
                           CHECK (status IN ('Pending', 'Scheduled', 'Running', 'Success', 'Error', 'Stopped')),
        status_message   text NOT NULL DEFAULT '',
        -- Of libs/jobs; they are forgotten there before the report is here.
        execution_id     bigint,
        task_id          bigint,
        requested_by     text NOT NULL,
        -- By which the artifact was asked for; null for a digest.
        tag              text,
        is_latest        boolean NOT NULL DEFAULT true,
        -- The last that came to a report: what is shown, searched and acted on, whatever became of later scans.
        is_good          boolean NOT NULL DEFAULT false,
        created_at       timestamptz NOT NULL DEFAULT now(),
        started_at       timestamptz,
        ended_at         timestamptz,
        -- The rest is said by the report, and null until there is one.
        generated_at     timestamptz,
        severity         text,
        critical_count   integer NOT NULL DEFAULT 0,
        high_count       integer NOT NULL DEFAULT 0,
        medium_count     integer NOT NULL DEFAULT 0,
        low_count        integer NOT NULL DEFAULT 0,
        negligible_count integer NOT NULL DEFAULT 0,
        none_count       integer NOT NULL DEFAULT 0,
        -- With words that no scanner should send.
        unknown_count    integer NOT NULL DEFAULT 0,
        total_count      integer NOT NULL DEFAULT 0,
        fixable_count    integer NOT NULL DEFAULT 0,
        -- Its rows of report_vulnerability: more than the total where the scanner has told a finding in several ways.
        row_count        integer NOT NULL DEFAULT 0,
        -- Against the last report of the same scanner; null where there was none.
        added_count      integer,
        fixed_count      integer,
        -- Digest of the accessory by media type of the document; of reports of kind sbom.
        sbom_digests     jsonb,
        CONSTRAINT scan_report_good_check CHECK (NOT is_good OR status = 'Success')
      )`);
    await runner.query('CREATE INDEX scan_report_artifact_idx ON scan_report (artifact_id, kind)');
    // Of two that ask at the same moment for the same scan, one is told that it runs already.
    await runner.query(`
      CREATE UNIQUE INDEX scan_report_latest_key ON scan_report (artifact_id, kind, registration_id)
        WHERE is_latest AND artifact_id IS NOT NULL`);
    await runner.query(`
      CREATE UNIQUE INDEX scan_report_good_key ON scan_report (artifact_id, kind, registration_id)
        WHERE is_good AND artifact_id IS NOT NULL`);
    await runner.query('CREATE INDEX scan_report_gone_idx ON scan_report (id) WHERE artifact_id IS NULL');
    await runner.query('CREATE INDEX scan_report_task_idx ON scan_report (task_id)');
    // Whose SBOM was an artifact that is deleted?
    await runner.query(`
      CREATE INDEX scan_report_sbom_idx ON scan_report USING gin (sbom_digests jsonb_path_ops) WHERE kind = 'sbom'`);
    // Sums over all or one project, and the most dangerous artifacts: from the index alone.
    const searched = `WHERE is_good AND kind = 'vulnerability' AND artifact_id IS NOT NULL`;
    await runner.query(`
      CREATE INDEX scan_report_totals_idx ON scan_report (registration_id, project_id)
        INCLUDE (critical_count, high_count, medium_count, low_count, negligible_count, none_count, unknown_count,
                 total_count, fixable_count, row_count) ${searched}`);
    await runner.query(`
      CREATE INDEX scan_report_repository_idx ON scan_report (repository_id, registration_id)
        INCLUDE (row_count) ${searched}`);
    await runner.query(`CREATE INDEX scan_report_digest_idx ON scan_report (digest) ${searched}`);
    await runner.query(`
      CREATE INDEX scan_report_dangerous_idx ON scan_report
        (registration_id, critical_count DESC, high_count DESC, medium_count DESC, low_count DESC, id) ${searched}`);

    await runner.query(`
      CREATE TABLE vulnerability (
        id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        -- 128 bits of the SHA-256 of the scanner and all that it told of the finding. Reports come with these alone,
        -- and send the rest of those only that nobody has told before.
        fingerprint      uuid NOT NULL CONSTRAINT vulnerability_fingerprint_key UNIQUE,
        registration_id  integer NOT NULL,
        cve_id           text COLLATE "C" NOT NULL,
        package          text COLLATE "C" NOT NULL,
        version          text COLLATE "C" NOT NULL,
        -- Empty where there is no fix.
        fix_version      text NOT NULL,
        severity         text NOT NULL,
        -- severityRank of libs/domain.
        severity_rank    smallint NOT NULL,
        status           text NOT NULL,
        -- 0 for none.
        cvss_v3_score    double precision NOT NULL,
        -- What only the report shows: description, links, preferred_cvss, cwe_ids, vendor_attributes.
        detail           json NOT NULL
      )`);
    await runner.query('CREATE INDEX vulnerability_cve_idx ON vulnerability (cve_id)');
    await runner.query('CREATE INDEX vulnerability_package_idx ON vulnerability (package)');
    // The order of every search: the highest score first.
    await runner.query(
      'CREATE INDEX vulnerability_score_idx ON vulnerability (registration_id, cvss_v3_score DESC, id) INCLUDE (status)',
    );
    await runner.query(`
      CREATE INDEX vulnerability_severity_idx ON vulnerability (registration_id, severity, cvss_v3_score DESC, id)`);

    await runner.query(`
      -- Ten million rows: no foreign keys, for each of them would lock a row of the other table at every insert, and
      -- the rows of common findings are everybody's. Only the store writes here, and only the sweeper deletes.
      CREATE TABLE report_vulnerability (
        report_id         bigint NOT NULL,
        vulnerability_id  bigint NOT NULL,
        CONSTRAINT report_vulnerability_pk PRIMARY KEY (report_id, vulnerability_id)
      )`);
    await runner.query(
      'CREATE INDEX report_vulnerability_vulnerability_idx ON report_vulnerability (vulnerability_id, report_id)',
    );

    await runner.query(`
      -- How a report differs from the last one of the same scanner, by CVE, package and version.
      CREATE TABLE report_change (
        report_id         bigint NOT NULL,
        vulnerability_id  bigint NOT NULL,
        kind              text NOT NULL CONSTRAINT report_change_kind_check CHECK (kind IN ('added', 'fixed')),
        CONSTRAINT report_change_pk PRIMARY KEY (report_id, kind, vulnerability_id)
      )`);
    await runner.query('CREATE INDEX report_change_vulnerability_idx ON report_change (vulnerability_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE report_change, report_vulnerability, vulnerability, scan_report');
  }
}
