import { BatchedLookup, type Queryable } from '@breakwater/database';
import type { ProjectFacts } from './project-facts.js';

/** How a request names a project. */
export type ProjectKey = { readonly by: 'id'; readonly id: number } | { readonly by: 'name'; readonly name: string };

/**
 * Projects as they are now, for the decisions of the control plane: nothing is remembered between two questions, and
 * questions that arrive together are asked together. The data plane uses ProjectDirectory.
 */
export class ProjectReader {
  private readonly lookup: BatchedLookup<ProjectKey, ProjectFacts | null>;

  constructor(private readonly database: Queryable) {
    this.lookup = new BatchedLookup({ find: (keys) => this.read(keys), maxBatch: 256, concurrency: 4 });
  }

  find(key: ProjectKey): Promise<ProjectFacts | null> {
    return this.lookup.get(key);
  }

  private async read(keys: readonly ProjectKey[]): Promise<(ProjectFacts | null)[]> {
    const ids = keys.flatMap((key) => (key.by === 'id' ? [key.id] : []));
    const names = keys.flatMap((key) => (key.by === 'name' ? [key.name] : []));
    const rows = await this.database.rows<ProjectRow>(READ_PROJECTS, [ids, names]);
    const facts = rows.map(factsOf);
    const byId = new Map(facts.map((project) => [project.id, project]));
    const byName = new Map(facts.map((project) => [project.name, project]));
    return keys.map((key) => (key.by === 'id' ? byId.get(key.id) : byName.get(key.name)) ?? null);
  }
}

/** Asked for every event that a hook or a webhook may wait for. */
const READ_PROJECTS = {
  name: 'catalog.read-projects',
  text: `SELECT id, name, incarnation, is_public AS "isPublic",
                (SELECT coalesce(jsonb_object_agg(key, value), '{}')
                   FROM project_metadata WHERE project_id = project.id) AS metadata
         FROM project WHERE id = ANY ($1::int[]) OR name = ANY ($2::text[])`,
};

/** For those who write down what a project was called, in the transaction of what they write about. */
export const projectNames = {
  async findName(tx: Queryable, projectId: number): Promise<string | null> {
    const [row] = await tx.rows<{ name: string }>('SELECT name FROM project WHERE id = $1', [projectId]);
    return row?.name ?? null;
  },
} as const;

interface ProjectRow extends Omit<ProjectFacts, 'isSparseAllowed' | 'metadata'> {
  readonly metadata: Readonly<Record<string, string>>;
}

function factsOf(row: ProjectRow): ProjectFacts {
  const metadata = new Map([...Object.entries(row.metadata), ['public', String(row.isPublic)]]);
  return { ...row, metadata, isSparseAllowed: metadata.get('sparse_content') === 'true' };
}
