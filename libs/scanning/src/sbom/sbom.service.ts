import type { Database } from '@breakwater/database';
import type { Digest, RepositoryName } from '@breakwater/oci';
import { SBOM_FORMATS } from '@breakwater/scanner-spec';
import type { OverviewWriter } from '../reports/overview-writer.js';
import type { ReportRepository } from '../reports/report.repository.js';
import type { ScanTargets } from '../scans/ports.js';

/** What is known of SBOMs beyond what scans do with them. */
export class SbomService {
  constructor(private readonly deps: SbomDependencies) {}

  /**
   * An artifact was deleted. If it held the SBOM of another one, that one has none any more; of one with several
   * documents the others stay. May be told more than once, and of what never held any.
   */
  async artifactDeleted(repository: RepositoryName, digest: Digest): Promise<void> {
    const { database, reports, targets, overviews } = this.deps;
    const found = await database.rows<{ id: string; artifact_id: string }>(FIND_BY_DIGEST, [
      repository,
      SBOM_FORMATS.map((format) => JSON.stringify({ [format]: digest })),
    ]);
    for (const { id, artifact_id: artifactId } of found)
      await database.unitOfWork.run(async (tx) => {
        if ((await targets.hold(tx, [Number(artifactId)])).size === 0) return;
        await reports.withoutSbom(tx, Number(id), digest);
        await overviews.refresh(tx, 'sbom', [Number(artifactId)]);
      });
  }
}

const FIND_BY_DIGEST = `
  SELECT report.id, report.artifact_id FROM scan_report report
  JOIN artifact ON artifact.id = report.artifact_id
  JOIN repository ON repository.id = artifact.repository_id
  WHERE report.kind = 'sbom' AND report.sbom_digests @> ANY ($2::jsonb[]) AND repository.name = $1`;

export interface SbomDependencies {
  readonly database: Database;
  readonly reports: ReportRepository;
  readonly targets: ScanTargets;
  readonly overviews: OverviewWriter;
}
