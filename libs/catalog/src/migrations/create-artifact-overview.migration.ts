import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What scans say of an artifact, ready to be shown: lists read it with the artifact and nothing else. */
export class CreateArtifactOverview1764000110000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE artifact_overview (
        artifact_id    bigint PRIMARY KEY CONSTRAINT artifact_overview_artifact_fk REFERENCES artifact ON DELETE CASCADE,
        -- As the API shows them: scan_overview, a map by media type of the report, and sbom_overview.
        vulnerability  jsonb,
        sbom           jsonb
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE artifact_overview');
  }
}
