import { eventToTell, ScanFinishedV1 } from '@breakwater/contracts';
import type { Database, Outbox, Transaction } from '@breakwater/database';
import type { Clock } from '../ports.js';
import type { OverviewWriter, RefreshedOverview } from '../reports/overview-writer.js';
import { isFinal, type FinalScanStatus, type Report, type ScanKind } from '../reports/report.js';
import type { ReportOutcome, ReportRepository } from '../reports/report.repository.js';
import { mergedStatus } from '../reports/scan-status.js';
import type { ScanTarget, ScanTargets } from './ports.js';
import { parseScanTask, type ScanTaskParameters } from './scan-task.js';

/** A task that has ended for good, as jobs tell it. */
export interface EndedScanTask {
  readonly id: number;
  readonly status: FinalScanStatus;
  readonly statusMessage: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The pull credentials of accounts. */
export interface ScanCredentials {
  revokeAll(holders: readonly string[], tx: Transaction): Promise<void>;
}

/** Who holds the pull credential of a task. */
export const credentialHolderOf = (taskId: number): string => `task:${taskId}`;

/** A scan that a worker has begun. */
export interface BegunScan {
  readonly report: Report;
  readonly target: ScanTarget;
  /** The last good report of the same scanner; null for none. */
  readonly previous: Report | null;
}

/**
 * The ways a scan goes through its states, each in one transaction with what is shown of the artifact and what is told
 * to others. The last step is taken once, whatever becomes of the worker: by `complete` in the transaction that ends
 * the task with success, else by `ended`.
 */
export class ScanEnds {
  constructor(private readonly deps: ScanEndsDependencies) {}

  /** What is to be scanned by whom, before it begins. Null: the artifact was deleted, or the scan forgotten. */
  async find(reportId: number): Promise<Report | null> {
    const report = await this.deps.reports.find(this.deps.database, reportId);
    return report?.artifactId === null ? null : report;
  }

  /** @returns null: the scan is over already, or the artifact was deleted: nothing is left to be done. */
  async begin(taskId: number, reportId: number): Promise<BegunScan | null> {
    const { database, reports, targets, overviews } = this.deps;
    return database.unitOfWork.run(async (tx) => {
      const report = await reports.find(tx, reportId);
      if (report === null || report.artifactId === null) return null;
      // The artifact before the report, as whoever deletes the artifact.
      if ((await targets.hold(tx, [report.artifactId])).size === 0) return null;
      if (!(await reports.begin(tx, reportId, taskId))) return null;
      const refreshed = await overviews.refresh(tx, report.kind, [report.artifactId]);
      const target = refreshed.get(report.artifactId)?.target;
      if (target === undefined) return null;
      const known = await reports.listOf(tx, [report.artifactId], report.kind);
      const ofScanner = known.filter(({ registrationId }) => registrationId === report.registrationId);
      return { report, target, previous: ofScanner.find(({ isGood }) => isGood) ?? null };
    });
  }

  /** It had begun, and waits again: its scanner is away. One that has not begun stays as it is. */
  async wait(taskId: number, { id, kind, artifactId }: Report): Promise<void> {
    const { database, reports, targets, overviews } = this.deps;
    if (artifactId === null) return;
    await database.unitOfWork.run(async (tx) => {
      if ((await targets.hold(tx, [artifactId])).size === 0) return;
      if (await reports.wait(tx, id, taskId)) await overviews.refresh(tx, kind, [artifactId]);
    });
  }

  /** @returns false: the artifact was deleted meanwhile, and nothing is left to be told. */
  async complete(
    tx: Transaction,
    { report }: BegunScan,
    task: ScanTaskParameters,
    outcome: ReportOutcome,
  ): Promise<boolean> {
    const { reports, targets } = this.deps;
    const { artifactId } = report;
    if (artifactId === null || (await targets.hold(tx, [artifactId])).size === 0) return false;
    await reports.succeed(tx, report, outcome);
    await reports.retireOthers(tx, artifactId, report.kind, task.registrationIds);
    await this.refreshAndTell(tx, report.kind, [
      { report: { ...report, status: 'Success', scanner: outcome.scanner }, rootId: task.rootId },
    ]);
    return true;
  }

  /** The scan turned out not to be needed: there is nothing to show of it. */
  async drop(tx: Transaction, { report }: BegunScan): Promise<void> {
    if (report.artifactId === null || (await this.deps.targets.hold(tx, [report.artifactId])).size === 0) return;
    await this.deps.reports.forget(tx, [report.id]);
    await this.deps.overviews.refresh(tx, report.kind, [report.artifactId]);
  }

  /** For `onTasksEnded`: whatever ended otherwise than by `complete`, and the credential of all. */
  async ended(tx: Transaction, tasks: readonly EndedScanTask[]): Promise<void> {
    const holders = tasks.map(({ id }) => credentialHolderOf(id));
    await this.deps.credentials.revokeAll(holders, tx);
    // One that ended well has said everything in the same transaction.
    const failed = tasks.filter(({ status }) => status !== 'Success');
    if (failed.length === 0) return;
    const given = new Map(failed.map((task) => [task.id, parseScanTask(task.parameters)]));
    const artifactIds = await this.artifactsOf(tx, [...given.values()]);
    await this.deps.targets.hold(tx, artifactIds);
    const ends = failed.map(({ id, status, statusMessage }) => ({ taskId: id, status, message: statusMessage }));
    const ended = await this.deps.reports.end(tx, ends);
    for (const kind of KINDS) {
      const ofKind = ended.filter((report) => report.kind === kind && report.artifactId !== null);
      const told = ofKind.map((report) => ({ report, rootId: given.get(report.taskId ?? 0)?.rootId ?? null }));
      if (told.length > 0) await this.refreshAndTell(tx, kind, told);
    }
  }

  private async artifactsOf(tx: Transaction, tasks: readonly ScanTaskParameters[]): Promise<number[]> {
    const ids = tasks.map(({ reportId }) => reportId);
    const reports = await this.deps.reports.findByIds(tx, ids);
    return reports.flatMap(({ artifactId }) => artifactId ?? []);
  }

  private async refreshAndTell(
    tx: Transaction,
    kind: ScanKind,
    ended: readonly { readonly report: Report; readonly rootId: number | null }[],
  ): Promise<void> {
    const artifactIds = ended.flatMap(({ report }) => report.artifactId ?? []);
    const refreshed = await this.deps.overviews.refresh(tx, kind, artifactIds);
    const events = ended.flatMap(({ report }) => {
      const of = refreshed.get(report.artifactId ?? 0);
      return of === undefined ? [] : [this.eventOf(kind, of, report, report.status)];
    });
    await this.deps.outbox.add(tx, ...events, ...this.eventsOfRoots(kind, ended, refreshed));
  }

  /** An index is told when the last of what it holds has ended. */
  private eventsOfRoots(
    kind: ScanKind,
    ended: readonly { readonly report: Report; readonly rootId: number | null }[],
    refreshed: ReadonlyMap<number, RefreshedOverview>,
  ) {
    const roots = new Map(ended.map(({ report, rootId }) => [rootId, report] as const));
    return [...roots].flatMap(([rootId, report]) => {
      const root = rootId === null || rootId === report.artifactId ? undefined : refreshed.get(rootId);
      if (root === undefined || root.states.length === 0) return [];
      const status = mergedStatus(root.states.map(({ latest }) => latest.status));
      return [this.eventOf(kind, root, report, status)].filter(() => isFinal(status));
    });
  }

  private eventOf(kind: ScanKind, { target, overview }: RefreshedOverview, report: Report, status: Report['status']) {
    return eventToTell(ScanFinishedV1, target.repository, {
      projectId: target.projectId,
      repository: target.repository,
      digest: target.digest,
      tag: report.tag,
      scanType: kind,
      status: status as FinalScanStatus,
      overview: { ...overview },
      scanner: report.scanner,
      by: report.requestedBy,
      at: this.deps.clock.now().toISOString(),
    });
  }
}

const KINDS: readonly ScanKind[] = ['vulnerability', 'sbom'];

export interface ScanEndsDependencies {
  readonly database: Database;
  readonly reports: ReportRepository;
  readonly targets: ScanTargets;
  readonly overviews: OverviewWriter;
  readonly credentials: ScanCredentials;
  readonly outbox: Outbox;
  readonly clock: Clock;
}
