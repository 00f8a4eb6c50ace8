import { UniqueViolationError, type Queryable, type SqlValue, type Transaction } from '@breakwater/database';
import type { ListPage, ListRequest } from '../list.js';
import { ScannerExistsError } from './registration.errors.js';
import type { Registration, ScannerAuth } from './registration.js';

/** What a registration is made of. */
export interface RegistrationRecord {
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly auth: ScannerAuth;
  readonly sealedCredential: string | null;
  readonly skipsCertVerify: boolean;
  readonly usesInternalAddress: boolean;
  readonly isDisabled: boolean;
}

/** With what only this module may see. */
export type StoredRegistration = Registration & { readonly sealedCredential: string | null };

export type RegistrationKey =
  { readonly by: 'id'; readonly id: number } | { readonly by: 'uuid'; readonly uuid: string };

/** Rows of `scanner_registration`, and which of them a project uses. */
export class RegistrationRepository {
  async find(database: Queryable, key: RegistrationKey): Promise<StoredRegistration | null> {
    return this.one(database, ...conditionOf(key));
  }

  /** Holds the row until the transaction ends. */
  async lock(tx: Transaction, uuid: string): Promise<StoredRegistration | null> {
    if (!UUID.test(uuid)) return null;
    return this.one(tx, 'registration.uuid = $1 FOR NO KEY UPDATE', [uuid]);
  }

  findDefault(database: Queryable): Promise<StoredRegistration | null> {
    return this.one(database, 'registration.is_default', []);
  }

  findByName(database: Queryable, name: string): Promise<StoredRegistration | null> {
    return this.one(database, 'registration.name = $1', [name]);
  }

  async list(database: Queryable, request: ListRequest): Promise<ListPage<Registration>> {
    const where = request.where?.sql ?? 'TRUE';
    const params = [...(request.where?.params ?? [])];
    const order = request.orderBy ?? 'registration.is_default DESC, registration.name';
    const [counted, rows] = await Promise.all([
      database.rows<{ total: number }>(
        `SELECT count(*)::integer AS total FROM scanner_registration registration WHERE ${where}`,
        params,
      ),
      database.rows<StoredRegistration>(
        `SELECT ${COLUMNS} FROM scanner_registration registration WHERE ${where} ORDER BY ${order}
         LIMIT $${params.length + 1} OFFSET $${params.length + 2}`,
        [...params, request.limit, request.offset],
      ),
    ]);
    return { items: rows, total: counted[0]?.total ?? 0 };
  }

  /** The project's own in their order, or else the default. */
  async listForProject(database: Queryable, projectId: number): Promise<readonly Registration[]> {
    return database.rows<StoredRegistration>(
      `SELECT ${COLUMNS}
       FROM scanner_registration registration
       LEFT JOIN project_scanner chosen ON chosen.registration_id = registration.id AND chosen.project_id = $1
       WHERE chosen.project_id IS NOT NULL
          OR (registration.is_default AND NOT EXISTS (SELECT FROM project_scanner WHERE project_id = $1))
       ORDER BY chosen.position`,
      [projectId],
    );
  }

  /** @returns those of the uuids that are registered, in any order, held until the transaction ends. */
  async lockAll(tx: Transaction, uuids: readonly string[]): Promise<readonly Registration[]> {
    return tx.rows<StoredRegistration>(
      `SELECT ${COLUMNS} FROM scanner_registration registration WHERE uuid = ANY ($1::uuid[])
       ORDER BY id FOR KEY SHARE`,
      [uuids.filter((uuid) => UUID.test(uuid))],
    );
  }

  /** @throws ScannerExistsError */
  async insert(tx: Transaction, uuid: string, record: RegistrationRecord): Promise<number> {
    const [row] = await uniquely(record, () =>
      tx.rows<{ id: number }>(
        `INSERT INTO scanner_registration (name, description, url, auth, sealed_credential, skips_cert_verify,
                                           uses_internal_addr, is_disabled, uuid)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
        [...valuesOf(record), uuid],
      ),
    );
    return row?.id as number;
  }

  /** @throws ScannerExistsError */
  async update(tx: Transaction, id: number, record: RegistrationRecord): Promise<void> {
    await uniquely(record, () =>
      tx.execute(
        `UPDATE scanner_registration
         SET name = $1, description = $2, url = $3, auth = $4, sealed_credential = $5, skips_cert_verify = $6,
             uses_internal_addr = $7, is_disabled = $8, updated_at = now()
         WHERE id = $9`,
        [...valuesOf(record), id],
      ),
    );
  }

  /** Takes the flag from whoever has it first: the index never sees two. */
  async makeDefault(tx: Transaction, id: number): Promise<void> {
    await tx.execute('UPDATE scanner_registration SET is_default = false WHERE is_default AND id <> $1', [id]);
    await tx.execute('UPDATE scanner_registration SET is_default = true, updated_at = now() WHERE id = $1', [id]);
  }

  /** And so not the default any more. */
  async disable(tx: Transaction, id: number): Promise<void> {
    await tx.execute(
      'UPDATE scanner_registration SET is_disabled = true, is_default = false, updated_at = now() WHERE id = $1',
      [id],
    );
  }

  async setImmutable(tx: Transaction, id: number, isImmutable: boolean): Promise<void> {
    await tx.execute('UPDATE scanner_registration SET is_immutable = $2 WHERE id = $1', [id, isImmutable]);
  }

  /** One after the other: who becomes the first, and so the default, is decided under this lock. */
  async lockOrder(tx: Transaction): Promise<void> {
    await tx.execute(`SELECT pg_advisory_xact_lock(hashtext('scanner_registration.default'))`);
  }

  async delete(tx: Transaction, id: number): Promise<void> {
    await tx.execute('DELETE FROM scanner_registration WHERE id = $1', [id]);
  }

  private async one(
    database: Queryable,
    condition: string,
    params: readonly SqlValue[],
  ): Promise<StoredRegistration | null> {
    const [row] = await database.rows<StoredRegistration>(
      `SELECT ${COLUMNS}, registration.sealed_credential AS "sealedCredential"
       FROM scanner_registration registration WHERE ${condition}`,
      params,
    );
    return row ?? null;
  }
}

const COLUMNS = `
  registration.id, registration.uuid, registration.name, registration.description, registration.url, registration.auth,
  registration.skips_cert_verify AS "skipsCertVerify", registration.uses_internal_addr AS "usesInternalAddress",
  registration.is_disabled AS "isDisabled", registration.is_default AS "isDefault",
  registration.is_immutable AS "isImmutable", registration.created_at AS "createdAt",
  registration.updated_at AS "updatedAt"`;

/** Any other text names no scanner, and PostgreSQL would not take it for a uuid. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function conditionOf(key: RegistrationKey): [string, readonly SqlValue[]] {
  if (key.by === 'id') return ['registration.id = $1', [key.id]];
  return UUID.test(key.uuid) ? ['registration.uuid = $1', [key.uuid]] : ['FALSE', []];
}

function valuesOf(record: RegistrationRecord): SqlValue[] {
  return [
    ...[record.name, record.description, record.url, record.auth, record.sealedCredential],
    ...[record.skipsCertVerify, record.usesInternalAddress, record.isDisabled],
  ];
}

async function uniquely<T>(record: RegistrationRecord, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof UniqueViolationError)) throw error;
    if (error.constraint === 'scanner_registration_name_key') throw new ScannerExistsError('name', record.name);
    if (error.constraint === 'scanner_registration_url_key') throw new ScannerExistsError('url', record.url);
    throw error;
  }
}
