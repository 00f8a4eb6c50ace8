import type { Database, Transaction } from '@breakwater/database';
import { randomUUID } from 'node:crypto';
import type { ListPage, ListRequest } from '../list.js';
import type { AdapterClient, Notifier } from '../ports.js';
import type { ScannerNews } from '../scanner-news.js';
import { askAdapter } from './adapter-directory.js';
import type { CredentialSeal } from './credential-seal.js';
import {
  parseScannerAuth,
  parseScannerDescription,
  parseScannerName,
  parseScannerUrl,
  type GivenEndpoint,
  type GivenRegistration,
} from './given-registration.js';
import {
  DefaultScannerDisabledError,
  InvalidScannerError,
  ScannerImmutableError,
  ScannerNotFoundError,
} from './registration.errors.js';
import type { Registration, ScannerEndpoint } from './registration.js';
import type { RegistrationRecord, RegistrationRepository, StoredRegistration } from './registration.repository.js';

/** Scanners, as administrators register, change and remove them. Rights were decided before. */
export class RegistrationService {
  constructor(private readonly deps: RegistrationDependencies) {}

  list(request: ListRequest): Promise<ListPage<Registration>> {
    return this.deps.registrations.list(this.deps.database, request);
  }

  /** @throws ScannerNotFoundError */
  async get(uuid: string): Promise<Registration> {
    const found = await this.deps.registrations.find(this.deps.database, { by: 'uuid', uuid });
    if (found === null) throw new ScannerNotFoundError(uuid);
    return found;
  }

  /**
   * Whether an adapter answers there as one must, without storing anything.
   *
   * @throws InvalidScannerError, ScannerUnreachableError
   */
  async ping(given: GivenEndpoint): Promise<void> {
    if (given.name.trim() === '') throw new InvalidScannerError('name', 'it must not be empty');
    await this.ask(endpointOf(given));
  }

  /**
   * Registers an adapter that answers. The first scanner of all becomes the default.
   *
   * @param by  name of who does it, as for the other changes.
   * @returns its uuid.
   * @throws InvalidScannerError, ScannerUnreachableError, ScannerExistsError
   */
  async create(by: string, given: GivenRegistration): Promise<string> {
    const endpoint = endpointOf(given);
    const uuid = randomUUID();
    const record = this.recordOf(given, parseScannerName(given.name), endpoint, uuid);
    await this.ask(endpoint);
    await this.change(async (tx) => {
      const isFirst = (await this.deps.registrations.list(tx, { limit: 1, offset: 0 })).total === 0;
      const id = await this.deps.registrations.insert(tx, uuid, record);
      await this.deps.news.registered(tx, by, { uuid, name: record.name });
      if (!isFirst || record.isDisabled) return;
      await this.deps.registrations.makeDefault(tx, id);
      await this.deps.news.madeDefault(tx, by, { uuid, name: record.name });
    });
    return uuid;
  }

  /**
   * Replaces what a registration says. Without a new credential the stored one stays, as long as it would be sent to
   * the same place. The adapter is asked when what it is reached by changes.
   *
   * @throws ScannerNotFoundError, ScannerImmutableError, InvalidScannerError, ScannerUnreachableError,
   *   ScannerExistsError, DefaultScannerDisabledError
   */
  async update(by: string, uuid: string, given: GivenRegistration): Promise<void> {
    const stored = changeable(await this.find(uuid), uuid);
    const before = this.endpointOf(stored);
    const endpoint = endpointOf(given, before);
    const record = this.recordOf(given, parseScannerName(given.name), endpoint, uuid);
    if (record.isDisabled && stored.isDefault) throw new DefaultScannerDisabledError(stored.name);
    if (!record.isDisabled && !isSameEndpoint(before, endpoint)) await this.ask(endpoint);
    await this.change(async (tx) => {
      const { id, isDefault, name } = changeable(await this.deps.registrations.lock(tx, uuid), uuid);
      if (record.isDisabled && isDefault) throw new DefaultScannerDisabledError(name);
      await this.deps.registrations.update(tx, id, record);
      await this.deps.news.updated(tx, by, { uuid, name: record.name });
    });
  }

  /**
   * Removes it; projects that chose it use the default. What it found goes with the next sweep of reports.
   *
   * @returns what it was.
   * @throws ScannerNotFoundError, ScannerImmutableError
   */
  delete(by: string, uuid: string): Promise<Registration> {
    return this.change(async (tx) => {
      const registration = changeable(await this.deps.registrations.lock(tx, uuid), uuid);
      await this.deps.registrations.delete(tx, registration.id);
      await this.deps.news.deleted(tx, by, registration);
      return registration;
    });
  }

  /** What projects that have not chosen use. @throws ScannerNotFoundError, DefaultScannerDisabledError */
  async makeDefault(by: string, uuid: string): Promise<void> {
    await this.change(async (tx) => {
      const registration = await this.deps.registrations.lock(tx, uuid);
      if (registration === null) throw new ScannerNotFoundError(uuid);
      if (registration.isDisabled) throw new DefaultScannerDisabledError(registration.name);
      if (registration.isDefault) return;
      await this.deps.registrations.makeDefault(tx, registration.id);
      await this.deps.news.madeDefault(tx, by, registration);
    });
  }

  private find(uuid: string): Promise<StoredRegistration | null> {
    return this.deps.registrations.find(this.deps.database, { by: 'uuid', uuid });
  }

  private async ask(endpoint: ScannerEndpoint): Promise<void> {
    await this.deps.client.checkAddress(endpoint.url);
    await askAdapter(this.deps.client, endpoint);
  }

  private endpointOf(stored: StoredRegistration): ScannerEndpoint {
    return this.deps.seal.endpointOf(stored);
  }

  private recordOf(
    given: GivenRegistration,
    name: string,
    endpoint: ScannerEndpoint,
    uuid: string,
  ): RegistrationRecord {
    return {
      name,
      description: parseScannerDescription(given.description ?? ''),
      url: endpoint.url,
      auth: endpoint.auth,
      sealedCredential: endpoint.credential === null ? null : this.deps.seal.seal(endpoint.credential, uuid),
      skipsCertVerify: endpoint.skipsCertVerify,
      usesInternalAddress: given.usesInternalAddress ?? false,
      isDisabled: given.isDisabled ?? false,
    };
  }

  /** One after the other: who is the first, and who the default, cannot be two at once. */
  private change<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.deps.database.unitOfWork.run(async (tx) => {
      await this.deps.registrations.lockOrder(tx);
      tx.onCommit(() => this.deps.notifier.scanPolicyChanged(null));
      return work(tx);
    });
  }
}

export interface RegistrationDependencies {
  readonly database: Database;
  readonly registrations: RegistrationRepository;
  readonly client: AdapterClient;
  readonly seal: CredentialSeal;
  readonly notifier: Notifier;
  readonly news: ScannerNews;
}

function changeable(found: StoredRegistration | null, uuid: string): StoredRegistration {
  if (found === null) throw new ScannerNotFoundError(uuid);
  if (found.isImmutable) throw new ScannerImmutableError(found.name);
  return found;
}

/**
 * @param stored  whose credential is kept where none is given; only for the same server, so that nobody who may change
 *   an address gets a secret sent to it that nobody may read.
 */
function endpointOf(given: GivenEndpoint, stored: ScannerEndpoint | null = null): ScannerEndpoint {
  const url = parseScannerUrl(given.url);
  const isSameServer = stored !== null && new URL(stored.url).origin === new URL(url).origin;
  return {
    url,
    ...parseScannerAuth(given, isSameServer ? stored : null),
    skipsCertVerify: given.skipsCertVerify ?? false,
  };
}

function isSameEndpoint(one: ScannerEndpoint, other: ScannerEndpoint): boolean {
  return (
    one.url === other.url &&
    one.auth === other.auth &&
    one.credential === other.credential &&
    one.skipsCertVerify === other.skipsCertVerify
  );
}
