import { combined, findingKey, type Finding } from './finding.js';

/** Findings of one scanner in one artifact. */
export interface FindingSource {
  /** Who found them, by the id that the caller knows scanners by. */
  readonly scanner: string;
  /** The artifact in which, or the child of an index. */
  readonly artifactDigest: string;
  readonly findings: Iterable<Finding>;
}

/** A finding with everybody who reported it. */
export interface MergedFinding extends Finding {
  /** Artifacts that have it, each once, in the order of the sources. */
  readonly artifactDigests: readonly string[];
  /** What each scanner said, in the order of the sources; one of each scanner, its worst. */
  readonly opinions: readonly Opinion[];
}

/** One scanner's word on a finding. */
export interface Opinion {
  readonly scanner: string;
  readonly severityWord: string;
  readonly severityRank: number;
  readonly fixVersion: string | null;
  readonly scoreV3: number | null;
}

/**
 * Reports of the children of an index, of several scanners, or both, as one list: each finding once, with the worst
 * severity that any scanner gave it, and who said what.
 */
export function mergeFindings(sources: Iterable<FindingSource>): MergedFinding[] {
  const merged = new Map<string, Gathered>();
  for (const { scanner, artifactDigest, findings } of sources) {
    for (const finding of findings) {
      const key = findingKey(finding);
      const before = merged.get(key);
      const gathered = before ?? { finding, digests: new Set<string>(), opinions: new Map<string, Opinion>() };
      if (before) before.finding = combined(before.finding, finding);
      gathered.digests.add(artifactDigest);
      const opinion = gathered.opinions.get(scanner);
      if (!opinion || finding.severityRank > opinion.severityRank)
        gathered.opinions.set(scanner, opinionOf(scanner, finding));
      merged.set(key, gathered);
    }
  }
  return [...merged.values()].map(({ finding, digests, opinions }) => ({
    ...finding,
    artifactDigests: [...digests],
    opinions: [...opinions.values()],
  }));
}

interface Gathered {
  finding: Finding;
  readonly digests: Set<string>;
  readonly opinions: Map<string, Opinion>;
}

function opinionOf(scanner: string, { severityWord, severityRank, fixVersion, cvss }: Finding): Opinion {
  return { scanner, severityWord, severityRank, fixVersion, scoreV3: cvss?.scoreV3 ?? null };
}
