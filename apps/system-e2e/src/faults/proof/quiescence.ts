import { eventually } from '@breakwater/testing';
import { expect } from '@jest/globals';
import type { Cluster } from '../cluster/cluster.js';

/**
 * Lets all time pass that anything waits for, and waits until nothing is left to be done: no upload, no trash, nothing
 * condemned, nothing that lives by a lease.
 *
 * Uploads whose writer was killed, and objects that such a writer may still write to, are kept for up to an hour. Here
 * everybody who wrote is known to be dead or done, so that hour is over now.
 */
export async function untilQuiet(cluster: Cluster): Promise<void> {
  await eventually(async () => {
    await cluster.rows(`UPDATE upload SET expires_at = now(), writer_until = least(writer_until, now())`);
    await cluster.rows(`UPDATE repository_blob SET lease_until = now() WHERE lease_until > now()`);
    await cluster.rows(`UPDATE trash SET delete_after = now() WHERE delete_after > now()`);
    const [left] = await cluster.rows<Record<string, number>>(LEFT_TO_DO);
    expect(left).toEqual({ uploads: 0, trash: 0, deleted: 0, condemned: 0, leased: 0 });
  }, 240_000);
}

const LEFT_TO_DO = `
  SELECT (SELECT count(*)::int FROM upload) AS uploads,
         (SELECT count(*)::int FROM trash) AS trash,
         (SELECT count(*)::int FROM deleted_artifact) AS deleted,
         (SELECT count(*)::int FROM blob WHERE condemned_at IS NOT NULL) AS condemned,
         (SELECT count(*)::int FROM repository_blob WHERE lease_until IS NOT NULL) AS leased`;
