import {
  DefaultScannerChangedV1,
  eventToTell,
  ProjectScannersChosenV1,
  ScannerDeletedV1,
  ScannerRegisteredV1,
  ScannerUpdatedV1,
  SystemAllowlistChangedV1,
} from '@breakwater/contracts';
import type { Outbox, Transaction } from '@breakwater/database';
import type { CveAllowlist } from '@breakwater/domain';
import type { Clock } from './ports.js';

/** Tells who changed how is scanned and what is accepted, in the transaction of the change. */
export class ScannerNews {
  constructor(
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  registered(tx: Transaction, by: string, scanner: NamedScanner): Promise<void> {
    return this.ofScanner(tx, ScannerRegisteredV1, by, scanner);
  }

  updated(tx: Transaction, by: string, scanner: NamedScanner): Promise<void> {
    return this.ofScanner(tx, ScannerUpdatedV1, by, scanner);
  }

  deleted(tx: Transaction, by: string, scanner: NamedScanner): Promise<void> {
    return this.ofScanner(tx, ScannerDeletedV1, by, scanner);
  }

  madeDefault(tx: Transaction, by: string, scanner: NamedScanner): Promise<void> {
    return this.ofScanner(tx, DefaultScannerChangedV1, by, scanner);
  }

  chosen(tx: Transaction, by: string, projectId: number, scanners: readonly string[]): Promise<void> {
    const payload = { projectId, scanners: [...scanners], by, at: this.now() };
    return this.outbox.add(tx, eventToTell(ProjectScannersChosenV1, `project:${projectId}`, payload));
  }

  /** Nothing is told of a list that is the same as before. */
  async allowlistSet(tx: Transaction, by: string, before: CveAllowlist, after: CveAllowlist): Promise<void> {
    const added = after.cveIds.filter((cveId) => !before.cveIds.includes(cveId));
    const removed = before.cveIds.filter((cveId) => !after.cveIds.includes(cveId));
    const isSameEnd = before.expiresAt?.getTime() === after.expiresAt?.getTime();
    if (added.length === 0 && removed.length === 0 && isSameEnd) return;
    const payload = { added, removed, expiresAt: after.expiresAt?.toISOString() ?? null, by, at: this.now() };
    await this.outbox.add(tx, eventToTell(SystemAllowlistChangedV1, 'system-allowlist', payload));
  }

  private ofScanner(tx: Transaction, event: ScannerEvent, by: string, { uuid, name }: NamedScanner): Promise<void> {
    const payload = { scannerId: uuid, name, by, at: this.now() };
    return this.outbox.add(tx, eventToTell(event, `scanner:${uuid}`, payload));
  }

  private now(): string {
    return this.clock.now().toISOString();
  }
}

type ScannerEvent =
  typeof ScannerRegisteredV1 | typeof ScannerUpdatedV1 | typeof ScannerDeletedV1 | typeof DefaultScannerChangedV1;

interface NamedScanner {
  readonly uuid: string;
  readonly name: string;
}
