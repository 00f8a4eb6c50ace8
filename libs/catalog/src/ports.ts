import type { RepositoryName } from '@breakwater/oci';

/** Who acts, as the catalog needs to know it: rights were decided before. */
export interface Principal {
  /** Stable and unique: `user:7`, `robot:3`, `anonymous`. Owns the uploads it opens. */
  readonly key: string;
  /** Shown in events and in the trash, e.g. `robot$ci`. */
  readonly name: string;
}

/** The time, for what lives in memory. Rows are stamped, and their leases compared, by the database. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/**
 * Tells the other processes that what they hold in memory is old. Called after the commit; losing a call costs at
 * most the lifetime of a cache entry (2 s by default).
 */
export interface Notifier {
  /** A project was made, changed or deleted: `ProjectDirectory.forget` by every name it had or has. */
  projectsChanged(projectNames: readonly string[]): void;
}

/** Of the repositories offered, those that the caller may read. Asked for cross-repository mounts. */
export type ReadableRepositories = (candidates: readonly RepositoryName[]) => Promise<readonly RepositoryName[]>;
