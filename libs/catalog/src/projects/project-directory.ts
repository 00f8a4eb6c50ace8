import { CachedLookup, type Database } from '@breakwater/database';
import type { Clock } from '../ports.js';
import type { ProjectFacts } from './project-facts.js';

/**
 * Projects by name, for every request of the data plane.
 *
 * What is found is believed for `ttlMs`; the notice of a change ends that at once (`forget`). What is not found is
 * not remembered: whoever has just made a project may push to it through any process.
 */
export class ProjectDirectory {
  private readonly lookup: CachedLookup<string, ProjectFacts | null>;

  constructor(
    private readonly database: Database,
    clock: Clock,
    ttlMs: number,
  ) {
    this.lookup = new CachedLookup({
      find: (names) => this.read(names),
      maxBatch: 256,
      concurrency: 4,
      maxEntries: 10_000,
      ttlMs,
      nowMs: () => clock.now().getTime(),
    });
  }

  async find(name: string): Promise<ProjectFacts | null> {
    const facts = await this.lookup.get(name);
    if (facts === null) this.lookup.forget(name);
    return facts;
  }

  /** The project was changed or deleted: the next `find` reads it again. */
  forget(projectName: string): void {
    this.lookup.forget(projectName);
  }

  /** Notices may have been lost: the connection to the broker is a new one. */
  forgetAll(): void {
    this.lookup.forgetAll();
  }

  private async read(names: readonly string[]): Promise<(ProjectFacts | null)[]> {
    const rows = await this.database.rows<ProjectRow>(FIND_PROJECTS, [names]);
    const found = new Map(rows.map((row) => [row.name, factsOf(row)]));
    return names.map((name) => found.get(name) ?? null);
  }
}

const FIND_PROJECTS = {
  name: 'catalog.find-projects',
  text: `
    SELECT id, name, incarnation, is_public,
           (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM project_metadata
            WHERE project_id = project.id) AS metadata
    FROM project
    WHERE name = ANY ($1::text[])`,
};

function factsOf(row: ProjectRow): ProjectFacts {
  const metadata = new Map([...Object.entries(row.metadata), ['public', String(row.is_public)]]);
  return {
    id: row.id,
    name: row.name,
    incarnation: row.incarnation,
    isPublic: row.is_public,
    isSparseAllowed: metadata.get('sparse_content') === 'true',
    metadata,
  };
}

interface ProjectRow {
  readonly id: number;
  readonly name: string;
  readonly incarnation: string;
  readonly is_public: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}
