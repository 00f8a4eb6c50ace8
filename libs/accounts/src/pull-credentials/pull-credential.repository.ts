import type { Database, Transaction } from '@breakwater/database';
import type { RepositoryName } from '@breakwater/oci';

export interface PullCredentialRecord {
  readonly projectId: number;
  readonly projectIncarnation: string;
  readonly repository: RepositoryName;
  readonly holder: string;
  readonly digest: Buffer;
  readonly ttlSeconds: number;
}

/** What every use of a pull credential asks. */
export interface PullCredentialState {
  readonly id: string;
  readonly digest: Buffer;
  readonly projectId: number;
  readonly repository: RepositoryName;
}

/** Rows of `pull_credential`. */
export class PullCredentialRepository {
  constructor(private readonly database: Database) {}

  /** @returns null when there is no such project (any more). */
  async insert(tx: Transaction, record: PullCredentialRecord): Promise<{ id: string; expiresAt: Date } | null> {
    const [row] = await tx.rows<{ id: string; expiresAt: Date }>(
      `INSERT INTO pull_credential (digest, project_id, repository, holder, expires_at)
       SELECT $1, project.id, $4, $5, now() + make_interval(secs => $6)
       FROM project WHERE project.id = $2 AND project.incarnation = $3
       RETURNING id, expires_at AS "expiresAt"`,
      [
        ...[record.digest, record.projectId, record.projectIncarnation],
        ...[record.repository, record.holder, record.ttlSeconds],
      ],
    );
    return row ?? null;
  }

  /** Those that are good now. */
  listGood(ids: readonly string[]): Promise<PullCredentialState[]> {
    return this.database.rows<PullCredentialState>(FIND, [ids]);
  }

  async deleteByHolders(tx: Transaction, holders: readonly string[]): Promise<string[]> {
    const rows = await tx.rows<{ id: string }>(
      'DELETE FROM pull_credential WHERE holder = ANY ($1::text[]) RETURNING id',
      [holders],
    );
    return rows.map(({ id }) => id);
  }

  async deleteExpired(tx: Transaction, limit: number): Promise<void> {
    await tx.execute(
      `DELETE FROM pull_credential WHERE id IN (
         SELECT id FROM pull_credential WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED)`,
      [limit],
    );
  }
}

const FIND = {
  name: 'accounts.find-pull-credentials',
  text: `
    SELECT id, digest, project_id AS "projectId", repository
    FROM pull_credential WHERE id = ANY($1::uuid[]) AND expires_at > now()`,
};
