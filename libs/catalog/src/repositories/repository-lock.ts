import { ForeignKeyViolationError, type PreparedStatement, type Transaction } from '@breakwater/database';
import type { RepositoryName } from '@breakwater/oci';
import type { ProjectFacts } from '../projects/project-facts.js';
import { ProjectGoneError } from '../projects/project.errors.js';

/**
 * Whatever is written below a repository is written under the lock of its row, taken first:
 *
 * - `keep`: the row stays. For rows that only hang on it (an upload).
 * - `attach`: links and the references that wait for them change. Many at once, but never beside a `change`.
 * - `change`: artifacts, their references and counters, tags change. One at a time in a repository.
 *
 * So tags, `parent_count`, `tag_count`, `size_bytes` and "does the child exist" need no locks of their own. Only links
 * (`repository_blob`) are also written without it, by leases and by the collector; lock those after it, by blob id.
 */
export type RepositoryLock = 'keep' | 'attach' | 'change';

const READ = {
  keep: reading('keep', 'FOR KEY SHARE'),
  attach: reading('attach', 'FOR SHARE'),
  change: reading('change', 'FOR NO KEY UPDATE'),
} as const satisfies Record<RepositoryLock, PreparedStatement>;

/** @returns its id, or null when there is no such repository. */
export async function findRepository(
  tx: Transaction,
  name: RepositoryName,
  lock: RepositoryLock,
): Promise<string | null> {
  return (await readRepository(tx, name, lock))?.id ?? null;
}

/** The lock as a statement of `UnitOfWork.atOnce`. Takes nothing where there is no such repository. */
export function lockingRepository(name: RepositoryName, lock: RepositoryLock): [PreparedStatement, [RepositoryName]] {
  return [READ[lock], [name]];
}

/**
 * Makes the repository when it is not there: unlisted, until a manifest arrives.
 *
 * @returns its id.
 * @throws ProjectGoneError
 */
export async function ensureRepository(
  tx: Transaction,
  project: ProjectFacts,
  name: RepositoryName,
  lock: RepositoryLock,
): Promise<string> {
  // Again when the collector drops an unlisted, empty row between our insert and our lock.
  for (;;) {
    const found = await readRepository(tx, name, lock);
    if (found !== undefined) {
      // A project made again under the old name is another project.
      if (found.project_id !== project.id) throw new ProjectGoneError(project.name);
      return found.id;
    }
    await insertRepository(tx, project, name);
  }
}

/**
 * Its content changed. Called under the lock `change`.
 *
 * @returns whether this was the first manifest: from now on lists show the repository.
 */
export async function touchRepository(tx: Transaction, id: string): Promise<boolean> {
  const [row] = await tx.rows<{ is_first: boolean }>(TOUCH, [id]);
  return row?.is_first === true;
}

async function readRepository(tx: Transaction, name: RepositoryName, lock: RepositoryLock): Promise<Row | undefined> {
  return (await tx.rows<Row>(READ[lock], [name]))[0];
}

function reading(lock: RepositoryLock, clause: string): PreparedStatement {
  return {
    name: `catalog.read-repository-${lock}`,
    text: `SELECT id, project_id FROM repository WHERE name = $1 ${clause}`,
  };
}

const TOUCH: PreparedStatement = {
  name: 'catalog.touch-repository',
  text: `UPDATE repository SET updated_at = clock_timestamp(), listed_at = coalesce(listed_at, clock_timestamp())
         WHERE id = $1 RETURNING old.listed_at IS NULL AS is_first`,
};

async function insertRepository(tx: Transaction, project: ProjectFacts, name: RepositoryName): Promise<void> {
  try {
    // Two first pushes at once: the second waits for the first and then finds its row.
    await tx.execute('INSERT INTO repository (project_id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING', [
      project.id,
      name,
    ]);
  } catch (error) {
    if (error instanceof ForeignKeyViolationError) throw new ProjectGoneError(project.name);
    throw error;
  }
}

interface Row {
  readonly id: string;
  readonly project_id: number;
}
