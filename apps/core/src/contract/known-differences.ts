import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row of the table in docs/api/differences.md. */
export interface KnownDifference {
  /** An operation id of Harbor's, `*` for every operation, or a route without one in code quotes. */
  readonly operation: string;
  /** What differs: an aspect that the contract test finds, or `behaviour` for what no document shows. */
  readonly aspect: string;
  readonly harbor: string;
  readonly breakwater: string;
  readonly why: string;
}

export const DIFFERENCES_FILE = join(import.meta.dirname, '../../../../docs/api/differences.md');

export function readKnownDifferences(text = readFileSync(DIFFERENCES_FILE, 'utf8')): KnownDifference[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Operation ') && !/^\| -/.test(line))
    .map((line) => {
      const cells = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      const [operation, aspect, harbor, breakwater, why] = cells;
      if (!operation || !aspect || !harbor || !breakwater || !why || cells.length !== 5) {
        throw new Error(`docs/api/differences.md: not a row of five filled cells: ${line}`);
      }
      return { operation, aspect, harbor, breakwater, why };
    });
}
