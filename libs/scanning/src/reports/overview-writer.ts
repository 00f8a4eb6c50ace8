import type { Transaction } from '@breakwater/database';
import type { ArtifactOverviews, ScanTarget, ScanTargets } from '../scans/ports.js';
import { countTogether, NO_FINDINGS } from '../vulnerabilities/finding.store.js';
import type { FindingCounts, Report, ScanKind } from './report.js';
import type { ReportRepository } from './report.repository.js';
import { sbomOverview } from './sbom-overview.js';
import { vulnerabilityOverview, type ScanState } from './vulnerability-overview.js';

/** What is shown of an artifact; null where there is nothing to show. */
export type Overview = Readonly<Record<string, unknown>> | null;

/**
 * Keeps what lists show in step with the reports: of the artifacts themselves, and of every index that holds them.
 * Called in the transaction that changed a report.
 */
export class OverviewWriter {
  constructor(
    private readonly reports: ReportRepository,
    private readonly targets: ScanTargets,
    private readonly overviews: ArtifactOverviews,
  ) {}

  /** @returns the overviews as they are now, of the artifacts and of what holds them. */
  async refresh(
    tx: Transaction,
    kind: ScanKind,
    artifactIds: readonly number[],
  ): Promise<ReadonlyMap<number, RefreshedOverview>> {
    const holders = await this.targets.holdersOf(tx, artifactIds);
    // Race: two children of an index end at the same moment, and neither sees the report of the other. Whoever comes
    // second waits here, and reads what the first one has written. In the order of the keys, so never in a ring.
    if (holders.length > 0) await tx.execute(LOCK_ALL, [LOCK_SPACE, holders.map(lockKeyOf)]);
    const targets = await this.targets.find(tx, [...new Set([...artifactIds, ...holders])]);
    const states = await this.statesOf(tx, kind, targets);
    const counts = kind === 'sbom' ? new Map<number, FindingCounts>() : await countsOf(tx, states);
    const refreshed = new Map(
      targets.map((target) => {
        const of = states.get(target.id) ?? [];
        return [target.id, { target, states: of, overview: overviewOf(kind, target, of, counts) }] as const;
      }),
    );
    await this.overviews.putAll(tx, kind, new Map([...refreshed].map(([id, { overview }]) => [id, overview])));
    return refreshed;
  }

  /** Of each target its reports; empty while a manifest that scanners should look at has none. */
  private async statesOf(
    tx: Transaction,
    kind: ScanKind,
    targets: readonly ScanTarget[],
  ): Promise<ReadonlyMap<number, readonly ScanState[]>> {
    const leafIds = targets.flatMap(({ leaves }) => leaves.filter(({ isImage }) => isImage).map(({ id }) => id));
    const reports = Map.groupBy(await this.reports.listOf(tx, [...new Set(leafIds)], kind), (each) => each.artifactId);
    return new Map(
      targets.map(({ id, leaves }) => {
        const ofLeaves = leaves
          .filter(({ isImage }) => isImage)
          .map((leaf) => scanStatesOf(reports.get(leaf.id) ?? []));
        return [id, ofLeaves.every((states) => states.length > 0) ? ofLeaves.flat() : []] as const;
      }),
    );
  }
}

export interface RefreshedOverview {
  readonly target: ScanTarget;
  readonly states: readonly ScanState[];
  readonly overview: Overview;
}

/** By scanner: the last scan of one manifest, and the last that came to a report. @param reports  oldest first. */
export function scanStatesOf(reports: readonly Report[]): ScanState[] {
  return [...Map.groupBy(reports, ({ registrationId }) => registrationId).values()].flatMap((ofScanner) => {
    const latest = ofScanner.findLast(({ isLatest }) => isLatest) ?? ofScanner.at(-1);
    if (latest === undefined) return [];
    return [{ latest, good: ofScanner.findLast(({ isGood }) => isGood) ?? null }];
  });
}

/** Two keys of 32 bits: ours, and the artifact's id folded; that two ids share a key costs a short wait. */
const LOCK_SPACE = 7_306_052;
const lockKeyOf = (id: number): number => id % 2_147_483_647;

const LOCK_ALL = `
  SELECT pg_advisory_xact_lock($1, key)
  FROM (SELECT DISTINCT key FROM unnest($2::integer[]) AS told (key) ORDER BY key) AS sorted`;

/** A single report knows its counts; several together are counted anew, each finding once. */
async function countsOf(
  tx: Transaction,
  states: ReadonlyMap<number, readonly ScanState[]>,
): Promise<ReadonlyMap<number, FindingCounts>> {
  const counts = new Map<number, FindingCounts>();
  const together = new Map<number, readonly number[]>();
  for (const [id, of] of states) {
    const good = of.flatMap((state) => state.good ?? []);
    const [only] = good;
    if (only !== undefined && good.length === 1) counts.set(id, only.counts);
    if (good.length > 1) {
      counts.set(id, NO_FINDINGS);
      together.set(
        id,
        good.map((report) => report.id),
      );
    }
  }
  for (const [id, counted] of await countTogether(tx, together)) counts.set(id, counted);
  return counts;
}

function overviewOf(
  kind: ScanKind,
  target: ScanTarget,
  states: readonly ScanState[],
  counts: ReadonlyMap<number, FindingCounts>,
): Overview {
  if (states.length === 0) return null;
  if (kind === 'vulnerability') return { ...vulnerabilityOverview(states, counts.get(target.id) ?? null) };
  const isIndex = target.leaves.length !== 1 || target.leaves[0]?.id !== target.id;
  const overview = sbomOverview(states, isIndex);
  return overview === null ? null : { ...overview };
}
