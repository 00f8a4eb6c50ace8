import { findingKey, type Finding } from './finding.js';

/** What changed from one report to the next. */
export interface FindingDifference {
  /** Found now and not before. */
  readonly added: readonly Finding[];
  /** Found before and not now. */
  readonly fixed: readonly Finding[];
  /** Found both times, and judged differently now. */
  readonly rejudged: readonly { readonly before: Finding; readonly after: Finding }[];
}

/** Compares two lists of findings of the same artifact, each in the order of its list. */
export function differenceOf(before: Iterable<Finding>, after: Iterable<Finding>): FindingDifference {
  const [old, now] = [keyed(before), keyed(after)];
  const missingIn = (found: Map<string, Finding>, other: Map<string, Finding>): Finding[] =>
    [...found].filter(([key]) => !other.has(key)).map(([, finding]) => finding);
  const rejudged = [...now].flatMap(([key, finding]) => {
    const earlier = old.get(key);
    return earlier && earlier.severityWord !== finding.severityWord ? [{ before: earlier, after: finding }] : [];
  });
  return { added: missingIn(now, old), fixed: missingIn(old, now), rejudged };
}

function keyed(findings: Iterable<Finding>): Map<string, Finding> {
  return new Map([...findings].map((finding) => [findingKey(finding), finding] as const));
}
