import type { Database, Transaction } from '@breakwater/database';
import { randomUUID } from 'node:crypto';
import type { Notifier } from '../ports.js';
import type { ScannerNews } from '../scanner-news.js';
import { BUILT_IN_NAME, parseScannerUrl } from './given-registration.js';
import type { RegistrationRecord, RegistrationRepository } from './registration.repository.js';

/** The scanner that the settings name: it is there after every start, and nobody changes it through the API. */
export class BuiltInScanner {
  constructor(
    private readonly database: Database,
    private readonly registrations: RegistrationRepository,
    private readonly notifier: Notifier,
    private readonly news: ScannerNews,
  ) {}

  /**
   * Makes the registration `Trivy` say what the settings say. It becomes the default where there is none. Where the
   * settings have stopped to name one it stays, with what it found, as a disabled scanner that may be deleted.
   *
   * @param url  of the adapter; null for none.
   * @throws InvalidScannerError  the setting is no address.
   * @throws ScannerExistsError  somebody registered the same address by hand.
   */
  async ensure(url: string | null): Promise<void> {
    const record = url === null ? null : recordOf(url);
    await this.database.unitOfWork.run(async (tx) => {
      await this.registrations.lockOrder(tx);
      const isChanged = record === null ? await this.retire(tx) : await this.put(tx, record);
      if (isChanged) tx.onCommit(() => this.notifier.scanPolicyChanged(null));
    });
  }

  private async put(tx: Transaction, record: RegistrationRecord): Promise<boolean> {
    const found = await this.registrations.findByName(tx, BUILT_IN_NAME);
    if (found?.isImmutable && found.url === record.url) return false;
    const scanner = { uuid: found?.uuid ?? randomUUID(), name: record.name };
    const id = found?.id ?? (await this.registrations.insert(tx, scanner.uuid, record));
    if (found !== null) await this.registrations.update(tx, id, record);
    await this.registrations.setImmutable(tx, id, true);
    await (found === null ? this.news.registered(tx, SYSTEM, scanner) : this.news.updated(tx, SYSTEM, scanner));
    if ((await this.registrations.findDefault(tx)) !== null) return true;
    await this.registrations.makeDefault(tx, id);
    await this.news.madeDefault(tx, SYSTEM, scanner);
    return true;
  }

  private async retire(tx: Transaction): Promise<boolean> {
    const found = await this.registrations.findByName(tx, BUILT_IN_NAME);
    if (found === null || !found.isImmutable) return false;
    await this.registrations.setImmutable(tx, found.id, false);
    await this.registrations.disable(tx, found.id);
    await this.news.updated(tx, SYSTEM, found);
    return true;
  }
}

/** Who does it. */
const SYSTEM = 'system';

function recordOf(url: string): RegistrationRecord {
  return {
    name: BUILT_IN_NAME,
    description: 'The scanner of this installation',
    url: parseScannerUrl(url),
    auth: '',
    sealedCredential: null,
    skipsCertVerify: false,
    usesInternalAddress: true,
    isDisabled: false,
  };
}
