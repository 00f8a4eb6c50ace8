import type { Database } from '@breakwater/database';
import { AppError } from '@breakwater/errors';
import type { Digest, RepositoryName, Tag } from '@breakwater/oci';
import { isFinal, type Report, type ScanKind } from '../reports/report.js';
import type { ReportRepository } from '../reports/report.repository.js';
import type { ScanTarget, ScanTargets } from './ports.js';
import { plannedScans, type PlannedScan, type ScanPlanning } from './scan-planning.js';
import { NoScannerError, ScannersDisabledError } from './scan.errors.js';
import type { ScanService } from './scan.service.js';

/** A push, as events tell it. */
export interface PushTold {
  readonly projectId: number;
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly tags: readonly Tag[];
  /** Null for what is attached to nothing. */
  readonly subjectDigest: Digest | null;
  readonly by: string;
}

/** What a project wants to be done by itself. */
export interface ScanWishes {
  readonly scansOnPush: boolean;
  readonly makesSbomOnPush: boolean;
}

/** Scans what is pushed, where the project wants it. May be told of a push more than once. */
export class ScanOnPush {
  constructor(private readonly deps: ScanOnPushDependencies) {}

  async pushed(push: PushTold, wishes: ScanWishes): Promise<void> {
    // Accessories are not scanned; the SBOMs that we make are among them.
    if (push.subjectDigest !== null) return;
    const kinds: ScanKind[] = [
      ...(wishes.scansOnPush ? (['vulnerability'] as const) : []),
      ...(wishes.makesSbomOnPush ? (['sbom'] as const) : []),
    ];
    if (kinds.length === 0) return;
    const target = await this.find(push);
    if (target === null) return;
    for (const kind of kinds) await this.scan(kind, target, push);
  }

  private async scan(kind: ScanKind, target: ScanTarget, push: PushTold): Promise<void> {
    const { database, planning, scans, reports } = this.deps;
    const scanners = await planning.scannersOf(push.projectId).catch(nobodyScans);
    const plan = plannedScans(kind, scanners, target.leaves);
    const known = await reports.listOf(database, [...new Set(plan.map(({ leaf }) => leaf.id))], kind);
    const due = plan.filter((scan) => isDue(kind, scan, target, known));
    if (due.length === 0) return;
    const [tag] = push.tags;
    await scans.submit(
      kind,
      target,
      due,
      scanners.map(({ registration }) => registration.id),
      {
        by: push.by,
        trigger: 'EVENT',
        reference: tag === undefined ? { kind: 'digest', digest: push.digest } : { kind: 'tag', tag },
      },
    );
  }

  /** @returns null: it was deleted meanwhile. */
  private async find({ projectId, repository, digest }: PushTold): Promise<ScanTarget | null> {
    const { database, targets } = this.deps;
    try {
      return await targets.get(database, { projectId, name: repository }, { kind: 'digest', digest });
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not-found') return null;
      throw error;
    }
  }
}

/**
 * A pushed image is scanned, again too. What an index holds was pushed before it and is scanned by that push: with the
 * index comes only what has no report, and none on its way.
 *
 * An SBOM that the pusher has attached says more than one that we would make of the same bytes.
 */
function isDue(kind: ScanKind, { leaf, registration }: PlannedScan, target: ScanTarget, known: readonly Report[]) {
  if (kind === 'sbom' && leaf.attachedSbom !== null) return false;
  const own = known.filter((report) => report.artifactId === leaf.id && report.registrationId === registration.id);
  if (own.some(({ status }) => !isFinal(status))) return false;
  return leaf.id === target.id || !own.some(({ isGood }) => isGood);
}

function nobodyScans(error: unknown): [] {
  if (error instanceof NoScannerError || error instanceof ScannersDisabledError) return [];
  throw error;
}

export interface ScanOnPushDependencies {
  readonly database: Database;
  readonly targets: ScanTargets;
  readonly planning: ScanPlanning;
  readonly reports: ReportRepository;
  readonly scans: ScanService;
}
