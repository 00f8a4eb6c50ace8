const PREFIX = 'BREAKWATER_';
/** Letters wrong, missing or too many. Further away it is another process's setting, not a slip. */
const MOST_EDITS = 2;

/** Names of ours that nobody reads, each with the known name that was probably meant. */
export function findMisspelled(
  names: readonly string[],
  known: readonly string[],
): readonly { readonly name: string; readonly meant: string }[] {
  const strangers = names.filter((name) => name.startsWith(PREFIX) && !known.includes(name));
  return strangers.flatMap((name) => {
    const [nearest] = known
      // A name that is set correctly beside the stranger was not misspelled.
      .filter((candidate) => !names.includes(candidate))
      .map((meant) => ({ name, meant, edits: editDistance(name, meant) }))
      .filter(({ edits }) => edits <= MOST_EDITS)
      .sort((a, b) => a.edits - b.edits);
    return nearest ? [{ name, meant: nearest.meant }] : [];
  });
}

/** Levenshtein distance, one row of the table at a time. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
