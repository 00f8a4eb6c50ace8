import { BlockedError } from './checks/blocked.error.js';
import type { Check } from './checks/check.js';
import { GROUPS, type Group, type Profile } from './checks/profile.js';
import { checksOf, levelOf } from './checks/all-checks.js';
import type { Kit } from './kit.js';

/** A check and what became of it. */
export interface CheckResult {
  check: Check;
  level: 'required' | 'advised';
  /** `blocked`: could not be made, because the check named in `blockedBy` failed. */
  outcome: 'passed' | 'failed' | 'not-applicable' | 'blocked';
  came: string;
  blockedBy: Check['id'] | null;
  durationMs: number;
}

export interface RunResult {
  profile: Profile;
  adapterUrl: string;
  /** As the metadata have it; null when they cannot be read. */
  scanner: { name: string; vendor: string; version: string } | null;
  startedAt: Date;
  durationMs: number;
  /** By group and number. */
  results: CheckResult[];
  /** Whether every required check of the profile was met. */
  isConformant: boolean;
}

export interface RunOptions {
  adapterUrl: string;
  only: readonly string[];
  onResult?: (result: CheckResult) => void;
}

/** Makes the checks of the kit's profile, one after the other. */
export async function runChecks(kit: Kit, { adapterUrl, only, onResult }: RunOptions): Promise<RunResult> {
  const { profile } = kit.options;
  const startedAt = new Date();
  const results: CheckResult[] = [];
  for (const check of checksOf(profile, only)) {
    const result = await runCheck(kit, check, levelOf(check, profile) ?? 'advised');
    results.push(result);
    onResult?.(result);
  }
  return {
    profile,
    adapterUrl,
    scanner: await scannerOf(kit),
    startedAt,
    durationMs: Date.now() - startedAt.getTime(),
    results: results.sort(byId),
    isConformant: results.every((result) => !isFailure(result)),
  };
}

/** Whether this result makes the profile fail. */
export function isFailure({ level, outcome }: CheckResult): boolean {
  return level === 'required' && (outcome === 'failed' || outcome === 'blocked');
}

export function isWarning({ level, outcome }: CheckResult): boolean {
  return level === 'advised' && (outcome === 'failed' || outcome === 'blocked');
}

export function groupOf({ check }: CheckResult): Group {
  return check.id[0] as Group;
}

async function runCheck(kit: Kit, check: Check, level: CheckResult['level']): Promise<CheckResult> {
  const began = performance.now();
  const base = { check, level, blockedBy: null };
  try {
    const { outcome, came } = await check.run(kit);
    return { ...base, outcome, came, durationMs: performance.now() - began };
  } catch (error) {
    const durationMs = performance.now() - began;
    if (!(error instanceof BlockedError))
      return { ...base, outcome: 'failed', came: `the kit could not make this check: ${String(error)}`, durationMs };
    // A check cannot stand in its own way: what it asks for did not come.
    if (error.by === check.id) return { ...base, outcome: 'failed', came: error.message, durationMs };
    return { ...base, outcome: 'blocked', came: error.message, blockedBy: error.by, durationMs };
  }
}

async function scannerOf(kit: Kit): Promise<RunResult['scanner']> {
  try {
    const { scanner } = await kit.declared();
    const text = (key: string): string => (typeof scanner[key] === 'string' ? scanner[key] : '');
    return { name: text('name'), vendor: text('vendor'), version: text('version') };
  } catch {
    return null;
  }
}

function byId(one: CheckResult, other: CheckResult): number {
  const groups = Object.keys(GROUPS);
  const byGroup = groups.indexOf(groupOf(one)) - groups.indexOf(groupOf(other));
  return byGroup || Number(one.check.id.slice(1)) - Number(other.check.id.slice(1));
}
