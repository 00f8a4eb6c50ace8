import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** docs/api/contract-report.md: generated, and committed so that a change of the API shows in its review. */
const FILE = join(import.meta.dirname, '../../../../docs/api/contract-report.md');

export function readCommittedReport(): string {
  return readFileSync(FILE, 'utf8');
}

export function writeReport(text: string): void {
  writeFileSync(FILE, text);
}
