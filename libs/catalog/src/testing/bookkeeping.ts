import type { Database } from '@breakwater/database';
import { AuditRepository } from '../collection/audit.repository.js';

/** Rows that contradict each other, by kind; empty when there are none. */
export async function wrongBookkeeping(database: Database): Promise<Record<string, number>> {
  const counts = Object.entries(await new AuditRepository(database).bookkeeping()) as [string, number][];
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
