import type { Database, Queryable, Transaction } from '@breakwater/database';
import type { CveAllowlist } from '@breakwater/domain';
import type { Notifier } from '../ports.js';
import type { ScannerNews } from '../scanner-news.js';

/** As it is stored. */
export interface SystemAllowlist extends CveAllowlist {
  /** Null where none was ever given. */
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
}

/** Findings that every project accepts that has no list of its own. Rights were decided before. */
export class SystemAllowlistService {
  constructor(
    private readonly database: Database,
    private readonly notifier: Notifier,
    private readonly news: ScannerNews,
  ) {}

  async get(within: Queryable = this.database): Promise<SystemAllowlist> {
    const [row] = await within.rows<SystemAllowlist>(
      `SELECT cve_ids AS "cveIds", expires_at AS "expiresAt", created_at AS "createdAt", updated_at AS "updatedAt"
       FROM system_cve_allowlist`,
    );
    return row ?? { cveIds: [], expiresAt: null, createdAt: null, updatedAt: null };
  }

  /** Replaces the list. @param by  name of who does it. */
  async set(by: string, allowlist: CveAllowlist): Promise<void> {
    await this.database.unitOfWork.run(async (tx) => {
      // One after the other, so that what is told is what was changed.
      await tx.execute(`SELECT pg_advisory_xact_lock(hashtext('system_cve_allowlist'))`);
      const before = await this.get(tx);
      await write(tx, allowlist);
      await this.news.allowlistSet(tx, by, before, allowlist);
      tx.onCommit(() => this.notifier.scanPolicyChanged(null));
    });
  }
}

async function write(tx: Transaction, { cveIds, expiresAt }: CveAllowlist): Promise<void> {
  await tx.execute(
    `INSERT INTO system_cve_allowlist (cve_ids, expires_at) VALUES ($1, $2)
     ON CONFLICT (is_only) DO UPDATE
     SET cve_ids = excluded.cve_ids, expires_at = excluded.expires_at, updated_at = now()`,
    [cveIds, expiresAt],
  );
}
