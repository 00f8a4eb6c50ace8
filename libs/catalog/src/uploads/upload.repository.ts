import type { PreparedStatement, Queryable, SqlValue, Transaction } from '@breakwater/database';
import type { DigestAlgorithm, RepositoryName } from '@breakwater/oci';
import type { WriteState } from '@breakwater/storage';
import type { Principal } from '../ports.js';
import type { RepositoryAddress } from '../artifacts/artifact-reader.js';
import type { UploadSession } from './upload-session.js';

/** How far an upload has come, and where its bytes lie. */
export interface UploadProgress {
  readonly objectKey: string;
  readonly writeState: WriteState | null;
  readonly receivedBytes: number;
}

export interface ClaimedUpload extends UploadProgress {
  readonly id: string;
  readonly digestAlgorithm: DigestAlgorithm;
  /** The writer before us never gave its claim back: it may be dead, or only slow. */
  readonly isTakenOver: boolean;
}

export interface NewUpload {
  readonly id: string;
  readonly repositoryId: string;
  readonly principal: Principal;
  readonly objectKey: string;
  readonly digestAlgorithm: DigestAlgorithm;
  /** Claimed from the start, for an upload that is one request. */
  readonly writer: string | null;
}

/** Which upload a request may mean: of this repository and this principal, or none. */
export interface UploadAddress {
  readonly id: string;
  readonly repository: RepositoryName;
  readonly principal: Principal;
}

/** Why an object is no longer an upload's. */
export type DiscardReason = 'cancelled' | 'refused' | 'superseded';

/** Rows of `upload`, and of `trash` where an upload ends there. */
export class UploadRepository {
  constructor(private readonly options: { readonly ttlSeconds: number; readonly writerSeconds: number }) {}

  async insert(tx: Transaction, upload: NewUpload): Promise<void> {
    await tx.execute(INSERT, [...this.valuesOf(upload), upload.repositoryId]);
  }

  /**
   * The same in one round trip, where the repository is there already, as it is at most pushes.
   *
   * @returns false when it is not, or is another project's by now.
   */
  async insertInto(
    database: Queryable,
    { projectId, name }: RepositoryAddress,
    upload: Omit<NewUpload, 'repositoryId'>,
  ): Promise<boolean> {
    const inserted = await database.rows(INSERT_INTO_REPOSITORY, [...this.valuesOf(upload), name, projectId]);
    return inserted.length > 0;
  }

  async find(database: Queryable, { id, repository, principal }: UploadAddress): Promise<UploadSession | null> {
    const [row] = await database.rows<{ received_bytes: string }>(
      `SELECT u.received_bytes FROM upload u JOIN repository r ON r.id = u.repository_id
       WHERE u.id = $1 AND r.name = $2 AND u.principal = $3`,
      [id, repository, principal.key],
    );
    return row === undefined ? null : { id, receivedBytes: Number(row.received_bytes) };
  }

  /** @returns null when there is no such upload, or another live writer has it. */
  async claim(
    database: Queryable,
    { id, repository, principal }: UploadAddress,
    writer: string,
  ): Promise<ClaimedUpload | null> {
    // Race: two writers of one upload. The row's lock lets one of them set `writer`; the other sees it set. A writer
    // that has not renewed its claim in time counts as dead, which `isTakenOver` tells.
    const values = [id, repository, principal.key, writer, this.options.writerSeconds, this.options.ttlSeconds];
    const [row] = await database.rows<ClaimRow>(CLAIM, values);
    return row === undefined ? null : claimedUploadOf(id, row);
  }

  /**
   * @param progress  what is durable by now; null to leave what is on record.
   * @returns false when the claim is no longer ours.
   */
  async renew(
    database: Queryable,
    id: string,
    writer: string,
    progress: Pick<UploadProgress, 'writeState' | 'receivedBytes'> | null,
  ): Promise<boolean> {
    const renewed = await database.rows(
      `UPDATE upload
       SET writer_until = now() + make_interval(secs => $3), expires_at = now() + make_interval(secs => $4),
           write_state = coalesce($5::jsonb, write_state), received_bytes = coalesce($6, received_bytes)
       WHERE id = $1 AND writer = $2 RETURNING id`,
      [
        id,
        writer,
        this.options.writerSeconds,
        this.options.ttlSeconds,
        jsonOf(progress?.writeState ?? null),
        progress?.receivedBytes ?? null,
      ],
    );
    return renewed.length > 0;
  }

  /** As if its holder had died, which the next one then allows for. */
  async expireClaim(database: Queryable, id: string, writer: string): Promise<void> {
    await database.rows(
      `UPDATE upload SET writer_until = '-infinity' WHERE id = $1 AND writer = $2 AND writer_until > now() RETURNING id`,
      [id, writer],
    );
  }

  /** Records how far we came and gives the claim back. @returns false when it was no longer ours. */
  async release(database: Queryable, id: string, writer: string, progress: UploadProgress): Promise<boolean> {
    const values = [id, writer, jsonOf(progress.writeState), progress.receivedBytes, this.options.ttlSeconds];
    return (await database.rows(RELEASE, values)).length > 0;
  }

  /**
   * Takes hold of the repository (`attach`) and then of the upload, which ends: its object gets another owner in the
   * same transaction.
   *
   * @returns the repository's id; null when the claim is no longer ours.
   */
  async end(tx: Transaction, repository: RepositoryName, id: string, writer: string): Promise<string | null> {
    const [row] = await tx.rows<{ repository_id: string }>(END, [id, repository, writer]);
    return row?.repository_id ?? null;
  }

  /** The object gets another owner in the same transaction. @returns false when the claim was no longer ours. */
  async delete(tx: Transaction, id: string, writer: string): Promise<boolean> {
    return (await tx.execute('DELETE FROM upload WHERE id = $1 AND writer = $2', [id, writer])) > 0;
  }

  private valuesOf(upload: Omit<NewUpload, 'repositoryId'>): SqlValue[] {
    const { id, principal, objectKey, digestAlgorithm, writer } = upload;
    const { writerSeconds, ttlSeconds } = this.options;
    return [id, principal.key, objectKey, digestAlgorithm, writer, writerSeconds, ttlSeconds];
  }

  /** @returns false when the claim was no longer ours. */
  async moveTo(tx: Transaction, id: string, writer: string, progress: UploadProgress): Promise<boolean> {
    const moved = await tx.execute(
      'UPDATE upload SET object_key = $3, write_state = $4::jsonb WHERE id = $1 AND writer = $2',
      [id, writer, progress.objectKey, jsonOf(progress.writeState)],
    );
    return moved > 0;
  }

  /** @param afterSeconds  how long the object stays, for a writer that may still be at it. */
  async discard(
    database: Queryable,
    progress: UploadProgress,
    reason: DiscardReason,
    afterSeconds: number,
  ): Promise<void> {
    await database.rows(
      `INSERT INTO trash (object_key, write_state, size_bytes, reason, delete_after)
       VALUES ($1, $2::jsonb, $3, $4, now() + make_interval(secs => $5)) RETURNING object_key`,
      [progress.objectKey, jsonOf(progress.writeState), progress.receivedBytes, reason, afterSeconds],
    );
  }

  /** @returns false when the collector has taken the object already. */
  async rescue(tx: Transaction, objectKey: string): Promise<boolean> {
    return (await tx.execute('DELETE FROM trash WHERE object_key = $1', [objectKey])) > 0;
  }
}

/** $1 id, $2 principal, $3 object key, $4 algorithm, $5 writer, $6 its seconds, $7 the upload's seconds. */
const COLUMNS = 'id, principal, object_key, digest_algorithm, writer, writer_until, expires_at, repository_id';
const VALUES = `$1::uuid, $2::text, $3::text, $4::text, $5::uuid,
    CASE WHEN $5::uuid IS NOT NULL THEN now() + make_interval(secs => $6) END,
    now() + make_interval(secs => $7)`;

const INSERT: PreparedStatement = {
  name: 'catalog.insert-upload',
  text: `INSERT INTO upload (${COLUMNS}) VALUES (${VALUES}, $8)`,
};

/**
 * Race: the collector drops an empty repository. Its row is locked first: it stays, or it is not found.
 *
 * Answered before the log is on the disk, because nothing hangs on it yet: bytes are written under a claim, whose own
 * commit takes everything before it to the disk. A session that a crash of PostgreSQL takes away is empty, and the
 * client is told that it is unknown.
 */
const INSERT_INTO_REPOSITORY: PreparedStatement = {
  name: 'catalog.insert-upload-into',
  text: `WITH place AS (SELECT id FROM repository WHERE name = $8 AND project_id = $9 FOR KEY SHARE),
         hurried AS (SELECT set_config('synchronous_commit', CASE WHEN $5::uuid IS NULL THEN 'off' ELSE 'on' END, true))
         INSERT INTO upload (${COLUMNS}) SELECT ${VALUES}, place.id FROM place, hurried RETURNING id`,
};

const CLAIM: PreparedStatement = {
  name: 'catalog.claim-upload',
  text: `UPDATE upload u
         SET writer = $4, writer_until = now() + make_interval(secs => $5), expires_at = now() + make_interval(secs => $6)
         FROM repository r
         WHERE u.id = $1 AND r.id = u.repository_id AND r.name = $2 AND u.principal = $3
           AND (u.writer IS NULL OR u.writer_until < now())
         RETURNING u.object_key, u.write_state, u.received_bytes, u.digest_algorithm,
                   old.writer IS NOT NULL AS is_taken_over`,
};

const RELEASE: PreparedStatement = {
  name: 'catalog.release-upload',
  text: `UPDATE upload
         SET writer = NULL, writer_until = NULL, expires_at = now() + make_interval(secs => $5),
             write_state = $3::jsonb, received_bytes = $4
         WHERE id = $1 AND writer = $2 RETURNING id`,
};

/** The repository's lock comes first, as everywhere: \`held\` is used twice, so it is read before the upload is. */
const END: PreparedStatement = {
  name: 'catalog.end-upload',
  text: `WITH held AS MATERIALIZED (SELECT id FROM repository WHERE name = $2 FOR SHARE),
         gone AS (
           DELETE FROM upload WHERE id = $1 AND writer = $3 AND repository_id = (SELECT id FROM held) RETURNING repository_id
         )
         SELECT repository_id FROM gone`,
};

function claimedUploadOf(id: string, row: ClaimRow): ClaimedUpload {
  return {
    id,
    objectKey: row.object_key,
    writeState: row.write_state,
    receivedBytes: Number(row.received_bytes),
    digestAlgorithm: row.digest_algorithm,
    isTakenOver: row.is_taken_over,
  };
}

function jsonOf(state: WriteState | null): string | null {
  return state === null ? null : JSON.stringify(state);
}

interface ClaimRow {
  readonly object_key: string;
  readonly write_state: WriteState | null;
  readonly received_bytes: string;
  readonly digest_algorithm: DigestAlgorithm;
  readonly is_taken_over: boolean;
}
