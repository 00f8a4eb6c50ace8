import type { SecretSealer } from '../ports.js';

/** What a target's row holds sealed. */
export interface SealedSecrets {
  readonly authHeaderSealed: string | null;
  readonly signingSecretSealed: string | null;
}

/** The secrets of one target, each bound to its row and its use. */
export class TargetSecrets {
  constructor(private readonly sealer: SecretSealer) {}

  /** @param secret  empty for none. */
  sealAuthHeader(targetId: number, secret: string): string | null {
    return secret === '' ? null : this.sealer.seal(secret, authHeaderOf(targetId));
  }

  sealSigningSecret(targetId: number, secret: string): string | null {
    return secret === '' ? null : this.sealer.seal(secret, signingSecretOf(targetId));
  }

  /** @throws when the ring lacks the key. */
  openAuthHeader(targetId: number, { authHeaderSealed }: SealedSecrets): string | null {
    return authHeaderSealed === null ? null : this.sealer.open(authHeaderSealed, authHeaderOf(targetId));
  }

  openSigningSecret(targetId: number, { signingSecretSealed }: SealedSecrets): string | null {
    return signingSecretSealed === null ? null : this.sealer.open(signingSecretSealed, signingSecretOf(targetId));
  }
}

const authHeaderOf = (targetId: number): string => `webhooks/target:${targetId}/auth-header`;
const signingSecretOf = (targetId: number): string => `webhooks/target:${targetId}/signing-secret`;
