import type { SecretSealer } from '../ports.js';
import { ScannerSealedError } from './registration.errors.js';
import type { ScannerEndpoint } from './registration.js';
import type { StoredRegistration } from './registration.repository.js';

/** Credentials of scanners at rest: each is bound to the uuid of its row. */
export class CredentialSeal {
  constructor(private readonly sealer: SecretSealer) {}

  seal(credential: string, uuid: string): string {
    return this.sealer.seal(credential, purposeOf(uuid));
  }

  /** How to reach it. @throws ScannerSealedError */
  endpointOf({ uuid, name, url, auth, sealedCredential, skipsCertVerify }: StoredRegistration): ScannerEndpoint {
    if (sealedCredential === null) return { url, auth, credential: null, skipsCertVerify };
    try {
      return { url, auth, credential: this.sealer.open(sealedCredential, purposeOf(uuid)), skipsCertVerify };
    } catch (error) {
      throw new ScannerSealedError(name, error);
    }
  }
}

function purposeOf(uuid: string): string {
  return `scanning/scanner:${uuid}/credential`;
}
