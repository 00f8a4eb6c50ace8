import { createHmac } from 'node:crypto';

export const SIGNATURE_HEADER = 'x-breakwater-signature-256';

/**
 * Proof that a message comes from who knows the secret, and when: `t=<unix seconds>,v1=<hex>`, where `v1` is the
 * HMAC-SHA256 of `<t>.<body>` under the secret. A receiver computes the same over the bytes it received, compares in
 * constant time, and refuses what is older than some minutes, so that a recorded message is worth nothing later.
 */
export function signatureOf(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000);
  const mac = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
  return `t=${seconds},v1=${mac}`;
}
