import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import type { SecretSealer } from '../ports.js';
import { SigningKeySealedError } from '../accounts.errors.js';

/** The only algorithm that tokens are signed with and checked against, whatever a token's header says. */
export const SIGNING_ALGORITHM = 'ES256';

/** A key as it is stored. */
export interface SigningKeyRow {
  readonly kid: string;
  /** Sealed private JWK; null once the key is retired. */
  readonly privateKey: string | null;
  readonly publicKey: JWK;
  readonly createdAt: Date;
  /** Null while it signs. */
  readonly verifyUntil: Date | null;
}

/** Named by the RFC 7638 thumbprint of its public part, so that two keys never share a `kid`. */
export async function makeSigningKey(
  sealer: SecretSealer,
): Promise<{ kid: string; privateKey: string; publicKey: JWK }> {
  const pair = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const { kty, crv, x, y } = await exportJWK(pair.publicKey);
  const publicKey = { kty, crv, x, y } as JWK;
  const kid = await calculateJwkThumbprint(publicKey);
  return { kid, publicKey, privateKey: sealer.seal(JSON.stringify(await exportJWK(pair.privateKey))) };
}

/** @throws SigningKeySealedError */
export async function openPrivateKey(sealer: SecretSealer, kid: string, sealed: string): Promise<CryptoKey> {
  try {
    return (await importJWK(JSON.parse(sealer.open(sealed)) as JWK, SIGNING_ALGORITHM)) as CryptoKey;
  } catch (error) {
    throw new SigningKeySealedError(kid, error);
  }
}

export async function importPublicKey(publicKey: JWK): Promise<CryptoKey> {
  return (await importJWK(publicKey, SIGNING_ALGORITHM)) as CryptoKey;
}
