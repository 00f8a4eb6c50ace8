import type { Database, Transaction } from '@breakwater/database';
import type { Reference } from '@breakwater/oci';
import type { OverviewWriter } from '../reports/overview-writer.js';
import type { ScanKind } from '../reports/report.js';
import { isFinal } from '../reports/report.js';
import type { ScanNews } from '../scan-news.js';
import type { ReportRepository } from '../reports/report.repository.js';
import type { RepositoryAddress, ScanJobs, ScanTarget, ScanTargets, ScanTrigger } from './ports.js';
import { plannedScans, type PlannedScan, type ScanPlanning } from './scan-planning.js';
import { NothingToStopError, ScanNotSupportedError, ScanRunningError } from './scan.errors.js';
import { jobTypeOf, taskOf } from './scan-task.js';

/** Who asks for a scan, and how the artifact was named. */
export interface ScanAsked {
  readonly by: string;
  readonly trigger: ScanTrigger;
  readonly reference: Reference;
}

/** Asks scanners to look at artifacts, and to stop. What becomes of it is in the reports. */
export class ScanService {
  constructor(private readonly deps: ScanDependencies) {}

  /**
   * Every image that the reference names, itself or in an index, by every scanner of the project.
   *
   * @throws AppError of kind `not-found`  there is no such artifact.
   * @throws NoScannerError, ScannersDisabledError, ScanNotSupportedError
   * @throws ScanRunningError  all that was asked for runs already.
   */
  async scan(repository: RepositoryAddress, kind: ScanKind, asked: ScanAsked): Promise<void> {
    const { database, targets, planning } = this.deps;
    const target = await targets.get(database, repository, asked.reference);
    const scanners = await planning.scannersOf(repository.projectId);
    const plan = plannedScans(kind, scanners, target.leaves);
    if (plan.length === 0) {
      const names = scanners.map(({ registration }) => registration.name);
      throw new ScanNotSupportedError(names, target.manifestMediaType);
    }
    const ids = scanners.map(({ registration }) => registration.id);
    if (!(await this.submit(kind, target, plan, ids, asked))) throw new ScanRunningError();
  }

  /**
   * Whatever waits or runs for the artifact. It is asked to stop, and says so by its status within seconds.
   *
   * @param by  name of the principal.
   * @throws AppError of kind `not-found`; NothingToStopError  no scan was ever asked for.
   */
  async stop(by: string, repository: RepositoryAddress, kind: ScanKind, reference: Reference): Promise<void> {
    const { database, targets, reports, jobs, news } = this.deps;
    const target = await targets.get(database, repository, reference);
    const found = await reports.listOf(
      database,
      target.leaves.map(({ id }) => id),
      kind,
    );
    if (found.length === 0) throw new NothingToStopError();
    const taskIds = found.flatMap(({ status, taskId }) => (isFinal(status) || taskId === null ? [] : taskId));
    if (taskIds.length === 0) return;
    await database.unitOfWork.run((tx) => news.scanStopAsked(tx, by, target, kind));
    for (const taskId of taskIds) await jobs.stopTask(taskId);
  }

  /**
   * The plan as one execution. What runs already is left out.
   *
   * @param registrationIds  all scanners that count for the project now.
   * @returns whether anything was left to be done.
   */
  async submit(
    kind: ScanKind,
    target: ScanTarget,
    plan: readonly PlannedScan[],
    registrationIds: readonly number[],
    asked: ScanAsked,
  ): Promise<boolean> {
    return this.deps.database.unitOfWork.run(async (tx) => {
      const reports = await this.insertReports(tx, kind, plan, asked);
      if (reports.length === 0) return false;
      // Of a push: it gives way to what the pusher attaches.
      const isAutomatic = asked.trigger === 'EVENT';
      const { executionId, taskIds } = await this.deps.jobs.submit(tx, {
        vendorType: jobTypeOf(kind),
        vendorId: target.id,
        trigger: asked.trigger,
        extraAttributes: {
          artifact: {
            id: target.id,
            project_id: target.projectId,
            repository_name: target.repository,
            digest: target.digest,
          },
          operator: asked.by,
        },
        tasks: reports.map((report) => taskOf(report, plan, { rootId: target.id, registrationIds }, { isAutomatic })),
      });
      await this.deps.reports.assignTasks(
        tx,
        executionId,
        reports.map(({ id }) => id),
        taskIds,
      );
      await this.refresh(
        tx,
        kind,
        reports.map(({ artifactId }) => artifactId),
      );
      // What a push sets going is nobody's request.
      if (!isAutomatic) await this.deps.news.scanAsked(tx, asked.by, target, kind);
      return true;
    });
  }

  private async insertReports(tx: Transaction, kind: ScanKind, plan: readonly PlannedScan[], asked: ScanAsked) {
    const there = await this.deps.targets.hold(tx, [...new Set(plan.map(({ leaf }) => leaf.id))]);
    return this.deps.reports.insert(
      tx,
      plan
        .filter(({ leaf }) => there.has(leaf.id))
        .map(({ leaf, registration, scanner, mediaType }) => ({
          artifactId: leaf.id,
          projectId: leaf.projectId,
          kind,
          registrationId: registration.id,
          scanner,
          mediaType,
          requestedBy: asked.by,
          tag: asked.reference.kind === 'tag' ? asked.reference.tag : null,
        })),
    );
  }

  private async refresh(tx: Transaction, kind: ScanKind, artifactIds: readonly (number | null)[]): Promise<void> {
    const ids = artifactIds.flatMap((id) => id ?? []);
    await this.deps.overviews.refresh(tx, kind, [...new Set(ids)]);
  }
}

export interface ScanDependencies {
  readonly database: Database;
  readonly targets: ScanTargets;
  readonly planning: ScanPlanning;
  readonly reports: ReportRepository;
  readonly overviews: OverviewWriter;
  readonly jobs: ScanJobs;
  readonly news: ScanNews;
}
