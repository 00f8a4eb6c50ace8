import type { CheckedTarget } from './webhook-policy.js';

/** What is known of a stored target to find it again. */
export interface KnownTarget {
  readonly id: number;
  readonly type: string;
  readonly address: string;
}

/**
 * Which of the stored targets a given one is: clients send targets without ids. First by type and address; of what is
 * left, in order, by type, so that a corrected address keeps its deliveries and its signing secret.
 *
 * @returns for each given target the id of the stored one, or null for a new one.
 */
export function matchTargets(
  given: readonly Pick<CheckedTarget, 'type' | 'address'>[],
  known: readonly KnownTarget[],
): (number | null)[] {
  const free = [...known];
  const take = (isMeant: (target: KnownTarget) => boolean): number | null => {
    const index = free.findIndex(isMeant);
    return index < 0 ? null : (free.splice(index, 1)[0]?.id ?? null);
  };
  const same = given.map(({ type, address }) => take((each) => each.type === type && each.address === address));
  return given.map(({ type }, index) => same[index] ?? take((each) => each.type === type));
}
