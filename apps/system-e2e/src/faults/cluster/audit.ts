import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { faultsConfig } from '../faults.config.js';

interface Finding {
  readonly count: number;
  readonly examples: readonly string[];
}

/** What `npm run audit -- --rehash --json` prints. */
export interface AuditReport {
  readonly isWell: boolean;
  readonly missing: Finding;
  readonly corrupt: Finding;
  readonly unowned: Finding;
  readonly bookkeeping: Readonly<Record<string, number>>;
  readonly totals: Readonly<Record<string, number>>;
}

/** The operator's own audit, as the program that the operator runs. @throws Error  it could not be done. */
export async function runAudit(environment: Readonly<Record<string, string>>): Promise<AuditReport> {
  const program = join(faultsConfig.home(), 'apps/jobservice/dist/audit.js');
  const child = spawn(process.execPath, [program, '--rehash', '--json'], {
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.err += text));
  const code = await new Promise<number | null>((done, failed) => child.once('error', failed).once('close', done));
  if (code !== 0 && code !== 1) throw new Error(`the audit ended with ${code}: ${printed.err}`);
  return JSON.parse(printed.out) as AuditReport;
}
