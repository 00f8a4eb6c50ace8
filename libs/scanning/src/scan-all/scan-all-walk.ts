import type { Database } from '@breakwater/database';
import type { OverviewWriter } from '../reports/overview-writer.js';
import { isFinal, type Report } from '../reports/report.js';
import type { ReportRepository } from '../reports/report.repository.js';
import { NoScannerError, ScannersDisabledError } from '../scans/scan.errors.js';
import type { ScanJobs, ScanLeaf, ScanTargets } from '../scans/ports.js';
import { plannedScans, type AbleScanner, type PlannedScan, type ScanPlanning } from '../scans/scan-planning.js';
import { taskOf } from '../scans/scan-task.js';

/** The task that walks, as its handler has it. */
export interface WalkingTask {
  readonly executionId: number;
  /** Name of who asked for it. */
  readonly by: string;
  readonly signal: AbortSignal;
  /** Where an earlier run of the task has come to: an artifact's id. */
  readonly after: number;
  /** @param added  scans that this run has added so far. */
  remember(after: number, added: number): Promise<void>;
  log(line: string): void;
}

/**
 * Finds everything that can be scanned, and adds a task for each image and scanner to the execution, batch by batch.
 * Scans begin with the first batch; nothing is held in memory but a batch.
 */
export class ScanAllWalk {
  constructor(private readonly deps: ScanAllWalkDependencies) {}

  /** @returns how many scans were added. */
  async run(task: WalkingTask): Promise<number> {
    const scanners = new Map<number, Promise<readonly AbleScanner[]>>();
    let added = 0;
    for (let after = task.after; ;) {
      task.signal.throwIfAborted();
      const images = await this.deps.targets.listImages(this.deps.database, after, IMAGES_AT_ONCE);
      const last = images.at(-1);
      if (last === undefined) return added;
      added += await this.add(task, await this.plan(task, images, scanners));
      after = last.id;
      await task.remember(after, added);
    }
  }

  private async plan(
    task: WalkingTask,
    images: readonly ScanLeaf[],
    known: Map<number, Promise<readonly AbleScanner[]>>,
  ): Promise<readonly DueScan[]> {
    const plans: DueScan[] = [];
    for (const [projectId, leaves] of Map.groupBy(images, (leaf) => leaf.projectId)) {
      let asking = known.get(projectId);
      if (asking === undefined) known.set(projectId, (asking = this.scannersOf(projectId, task)));
      const scanners = await asking;
      const registrationIds = scanners.map(({ registration }) => registration.id);
      const planned = plannedScans('vulnerability', scanners, leaves);
      plans.push(...planned.map((scan) => ({ ...scan, registrationIds })));
    }
    return plans;
  }

  private async scannersOf(projectId: number, task: WalkingTask): Promise<readonly AbleScanner[]> {
    try {
      return await this.deps.planning.scannersOf(projectId);
    } catch (error) {
      if (!(error instanceof NoScannerError) && !(error instanceof ScannersDisabledError)) throw error;
      task.log(`project ${projectId} is left out: ${error.message}`);
      return [];
    }
  }

  /** What waits or runs already is left out, and what this execution has scanned in an earlier run. */
  private async add(task: WalkingTask, plan: readonly DueScan[]): Promise<number> {
    if (plan.length === 0) return 0;
    const { database, targets, reports, jobs, overviews } = this.deps;
    return database.unitOfWork.run(async (tx) => {
      const ids = [...new Set(plan.map(({ leaf }) => leaf.id))];
      const there = await targets.hold(tx, ids);
      const known = await reports.listOf(tx, ids, 'vulnerability');
      const due = plan.filter((scan) => there.has(scan.leaf.id) && !isDone(scan, known, task.executionId));
      const inserted = await reports.insert(
        tx,
        due.map(({ leaf, registration, scanner, mediaType }) => ({
          artifactId: leaf.id,
          projectId: leaf.projectId,
          kind: 'vulnerability',
          registrationId: registration.id,
          scanner,
          mediaType,
          requestedBy: task.by,
          tag: null,
        })),
      );
      if (inserted.length === 0) return 0;
      const taskIds = await jobs.addTasks(
        tx,
        task.executionId,
        inserted.map((report) =>
          taskOf(report, due, { rootId: null, registrationIds: idsFor(report, due) }, { priority: 'bulk' }),
        ),
      );
      const reportIds = inserted.map(({ id }) => id);
      await reports.assignTasks(tx, task.executionId, reportIds, taskIds);
      await overviews.refresh(tx, 'vulnerability', [
        ...new Set(inserted.flatMap(({ artifactId }) => artifactId ?? [])),
      ]);
      return inserted.length;
    });
  }
}

/** One transaction, and what it holds in memory. */
const IMAGES_AT_ONCE = 200;

interface DueScan extends PlannedScan {
  readonly registrationIds: readonly number[];
}

function isDone({ leaf, registration }: PlannedScan, known: readonly Report[], executionId: number): boolean {
  return known.some(
    (report) =>
      report.artifactId === leaf.id &&
      report.registrationId === registration.id &&
      (!isFinal(report.status) || report.executionId === executionId),
  );
}

function idsFor(report: Report, plan: readonly DueScan[]): readonly number[] {
  return plan.find(({ leaf }) => leaf.id === report.artifactId)?.registrationIds ?? [];
}

export interface ScanAllWalkDependencies {
  readonly database: Database;
  readonly targets: ScanTargets;
  readonly planning: ScanPlanning;
  readonly reports: ReportRepository;
  readonly jobs: ScanJobs;
  readonly overviews: OverviewWriter;
}
