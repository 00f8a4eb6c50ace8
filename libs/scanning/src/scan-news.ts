import {
  eventToTell,
  ScanAllAskedV1,
  ScanAllScheduledV1,
  ScanAllStopAskedV1,
  ScanAskedV1,
  ScanDataExportAskedV1,
  ScanStopAskedV1,
} from '@breakwater/contracts';
import type { Outbox, Transaction } from '@breakwater/database';
import type { Clock } from './ports.js';
import type { ScanKind } from './reports/report.js';
import type { ScanLeaf } from './scans/ports.js';

/** Tells what somebody asked for by hand, in the transaction that begins it. */
export class ScanNews {
  constructor(
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  scanAsked(tx: Transaction, by: string, artifact: NamedArtifact, scanType: ScanKind): Promise<void> {
    return this.ofArtifact(tx, ScanAskedV1, by, artifact, scanType);
  }

  scanStopAsked(tx: Transaction, by: string, artifact: NamedArtifact, scanType: ScanKind): Promise<void> {
    return this.ofArtifact(tx, ScanStopAskedV1, by, artifact, scanType);
  }

  scanAllAsked(tx: Transaction, by: string): Promise<void> {
    return this.outbox.add(tx, eventToTell(ScanAllAskedV1, SCAN_ALL, this.told(by)));
  }

  scanAllStopAsked(tx: Transaction, by: string): Promise<void> {
    return this.outbox.add(tx, eventToTell(ScanAllStopAskedV1, SCAN_ALL, this.told(by)));
  }

  /** @param cron  null: it is scheduled no more. */
  scanAllScheduled(tx: Transaction, by: string, cron: string | null): Promise<void> {
    return this.outbox.add(tx, eventToTell(ScanAllScheduledV1, SCAN_ALL, { ...this.told(by), cron }));
  }

  exportAsked(tx: Transaction, by: string, projectId: number, executionId: number): Promise<void> {
    const payload = { ...this.told(by), projectId, executionId };
    return this.outbox.add(tx, eventToTell(ScanDataExportAskedV1, `project:${projectId}`, payload));
  }

  private ofArtifact(
    tx: Transaction,
    event: typeof ScanAskedV1 | typeof ScanStopAskedV1,
    by: string,
    { projectId, repository, digest }: NamedArtifact,
    scanType: ScanKind,
  ): Promise<void> {
    const payload = { ...this.told(by), projectId, repository, digest, scanType };
    return this.outbox.add(tx, eventToTell(event, repository, payload));
  }

  private told(by: string) {
    return { by, at: this.clock.now().toISOString() };
  }
}

const SCAN_ALL = 'scan-all';

type NamedArtifact = Pick<ScanLeaf, 'projectId' | 'repository' | 'digest'>;
