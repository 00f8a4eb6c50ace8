import type { Transaction } from '@breakwater/database';

/**
 * Race: a report is about to name a finding that has been there for long, while the sweeper finds that nobody names it
 * any more. There is no foreign key between them (see the migration), so who stores and who sweeps exclude each other,
 * for the moment of one batch.
 */
export const findingLock = {
  /** Held by as many as store. */
  async toStore(tx: Transaction): Promise<void> {
    await tx.execute('SELECT pg_advisory_xact_lock_shared($1)', [FINDING_LOCK]);
  },

  /** Held alone. */
  async toSweep(tx: Transaction): Promise<void> {
    await tx.execute('SELECT pg_advisory_xact_lock($1)', [FINDING_LOCK]);
  },
} as const;

/** Arbitrary, but the same in every version. */
const FINDING_LOCK = 7_306_051;
