import type { Queryable } from '@breakwater/database';

/** Of the catalog: rows keep the names of what may be gone when they are read. */
export interface ProjectNames {
  /** @param tx  the transaction that the row is written in. */
  findName(tx: Queryable, projectId: number): Promise<string | null>;
}

/** The time, for what lives in memory. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
