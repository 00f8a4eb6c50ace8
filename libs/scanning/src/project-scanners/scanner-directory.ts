import type { Database, Queryable } from '@breakwater/database';
import type { Registration, ScannerEndpoint } from '../registrations/registration.js';
import type { CredentialSeal } from '../registrations/credential-seal.js';
import { ScannerNotFoundError } from '../registrations/registration.errors.js';
import type { RegistrationRepository } from '../registrations/registration.repository.js';

/** Which scanners look at the artifacts of a project, and how to reach them: for everything that scans. */
export class ScannerDirectory {
  constructor(
    private readonly database: Database,
    private readonly registrations: RegistrationRepository,
    private readonly seal: CredentialSeal,
  ) {}

  /**
   * The project's own choice in its order, or else the default. Disabled ones are among them, so that the caller can
   * say why nothing is scanned; an empty list means that there is no scanner at all.
   *
   * @param within  the caller's transaction, where it has one.
   */
  forProject(projectId: number, within: Queryable = this.database): Promise<readonly Registration[]> {
    return this.registrations.listForProject(within, projectId);
  }

  /** What projects that have not chosen use; null where there is none. */
  default(within: Queryable = this.database): Promise<Registration | null> {
    return this.registrations.findDefault(within);
  }

  find(id: number, within: Queryable = this.database): Promise<Registration | null> {
    return this.registrations.find(within, { by: 'id', id });
  }

  /**
   * With its credential in the clear, for the client that calls it.
   *
   * @throws ScannerNotFoundError  it was deleted meanwhile.
   * @throws ScannerSealedError  the key ring lacks the key that sealed its credential.
   */
  async endpointOf(id: number): Promise<ScannerEndpoint> {
    const stored = await this.registrations.find(this.database, { by: 'id', id });
    if (stored === null) throw new ScannerNotFoundError(id);
    return this.seal.endpointOf(stored);
  }
}
