/** One thing that is wrong with a document. */
export interface Fault {
  /** Where, e.g. `vulnerabilities[3].severity`; empty for the document itself. */
  readonly path: string;
  readonly kind: 'missing' | 'wrong-type' | 'invalid';
  /** Completes the path to a sentence, e.g. `is not a text`. Repeats at most a short piece of the document. */
  readonly problem: string;
  /** The document cannot be used. Otherwise the fault was got over. */
  readonly isFatal: boolean;
}

/** A document as far as it could be read. */
export interface Parsed<T> {
  /** Null exactly when a fault is fatal. */
  readonly value: T | null;
  /** At most 100 one by one; the last one then tells how many more there were. */
  readonly faults: readonly Fault[];
}

/** Faults in one line, for logs and messages; the fatal ones first. */
export function describeFaults(faults: readonly Fault[], most = 5): string {
  const sorted = faults.toSorted((a, b) => Number(b.isFatal) - Number(a.isFatal));
  const shown = sorted.slice(0, most).map(({ path, problem }) => `${path || 'the document'} ${problem}`);
  const rest = faults.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
