import type { Database } from '@breakwater/database';
import type { CveAllowlist } from '@breakwater/domain';

/** Both lists that can count for a project. */
export interface StoredAllowlists {
  readonly system: CveAllowlist;
  readonly project: CveAllowlist;
}

/** Accepted findings as a pull asks for them, of many projects in one statement. */
export class AllowlistReader {
  constructor(private readonly database: Database) {}

  async read(projectIds: readonly number[]): Promise<StoredAllowlists[]> {
    const rows = await this.database.rows<AllowlistRow>(READ_ALLOWLISTS, [projectIds]);
    const byProject = new Map(rows.map((row) => [row.projectId, row]));
    const system = byProject.get(null) ?? NO_LIST;
    return projectIds.map((id) => ({ system, project: byProject.get(id) ?? NO_LIST }));
  }
}

const NO_LIST: CveAllowlist = { cveIds: [], expiresAt: null };

/** The one of the system has no project. */
const READ_ALLOWLISTS = {
  name: 'scanning.read-allowlists',
  text: `
    SELECT project_id AS "projectId", cve_ids AS "cveIds", expires_at AS "expiresAt"
    FROM project_cve_allowlist WHERE project_id = ANY ($1::integer[])
    UNION ALL
    SELECT NULL, cve_ids, expires_at FROM system_cve_allowlist`,
};

interface AllowlistRow extends CveAllowlist {
  readonly projectId: number | null;
}
