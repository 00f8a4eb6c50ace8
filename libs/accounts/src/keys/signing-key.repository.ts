import type { Database, Transaction } from '@breakwater/database';
import type { JWK } from 'jose';
import type { SigningKeyRow } from './signing-key.js';

export class SigningKeyRepository {
  constructor(private readonly database: Database) {}

  /** The signing key and those that still verify; the signing one first. */
  listUsable(): Promise<SigningKeyRow[]> {
    return this.database.rows(`
      SELECT kid, private_key AS "privateKey", public_key AS "publicKey",
             created_at AS "createdAt", verify_until AS "verifyUntil"
      FROM signing_key
      WHERE verify_until IS NULL OR verify_until > now()
      ORDER BY verify_until DESC NULLS FIRST`);
  }

  /** @returns false when there is a signing key already: another replica was faster. */
  async insertCurrent(tx: Transaction, key: { kid: string; privateKey: string; publicKey: JWK }): Promise<boolean> {
    const inserted = await tx.execute(
      `INSERT INTO signing_key (kid, private_key, public_key) VALUES ($1, $2, $3)
       ON CONFLICT ((verify_until IS NULL)) WHERE verify_until IS NULL DO NOTHING`,
      [key.kid, key.privateKey, key.publicKey],
    );
    return inserted > 0;
  }

  /**
   * @param kid  the key that is believed to sign.
   * @returns false when it does not sign any more: another replica has retired it.
   */
  async retire(tx: Transaction, kid: string, verifyForSeconds: number): Promise<boolean> {
    const retired = await tx.execute(
      `UPDATE signing_key SET private_key = NULL, verify_until = now() + make_interval(secs => $2)
       WHERE kid = $1 AND verify_until IS NULL`,
      [kid, verifyForSeconds],
    );
    return retired > 0;
  }

  /** Ends what the retired keys have signed. */
  async withdrawRetired(tx: Transaction): Promise<void> {
    await tx.execute('UPDATE signing_key SET verify_until = now() WHERE verify_until > now()');
  }

  async deleteUseless(tx: Transaction): Promise<void> {
    await tx.execute('DELETE FROM signing_key WHERE verify_until <= now()');
  }
}
