import { afterEach, describe, expect, it } from '@jest/globals';
import { ALL_CHECKS } from './checks/all-checks.js';
import { checkAdapter, failuresOf } from './testing/check-adapter.js';
import {
  artifactMutants,
  harborMutants,
  pullMutants,
  robustnessMutants,
  securityMutants,
} from './testing/mutants-of-behaviour.js';
import { reportContentMutants, sbomMutants } from './testing/mutants-of-content.js';
import { metadataMutants, reportMutants, submitMutants } from './testing/mutants-of-the-protocol.js';
import type { Mutant } from './testing/mutants.js';
import { ReferenceAdapter } from './testing/reference-adapter.js';

/** By the checks that are made of them: what a mutant breaks may be seen by other groups too. */
const MUTANTS: Record<string, Mutant[]> = {
  A: metadataMutants(),
  B: submitMutants(),
  C: [...reportMutants(), ...reportContentMutants()],
  D: sbomMutants(),
  E: pullMutants(),
  F: artifactMutants(),
  G: robustnessMutants(),
  H: securityMutants(),
  I: harborMutants(),
};

/** Without the checks that take their seconds: waiting after a 429, and for a layer that never comes. */
const QUICK: Record<string, string[]> = {
  E: ALL_CHECKS.map(({ id }) => id).filter((id) => id.startsWith('E') && id !== 'E13'),
  G: ALL_CHECKS.map(({ id }) => id).filter((id) => id.startsWith('G') && id !== 'G4'),
};

const running: ReferenceAdapter[] = [];
afterEach(() => Promise.all(running.splice(0).map((adapter) => adapter.stop())));

describe('an adapter that is wrong in one thing fails the checks of that thing and no others', () => {
  for (const [group, mutants] of Object.entries(MUTANTS))
    it.each(mutants)(`${group}: $fails, $what`, async ({ mutation, options, settings, fails }) => {
      const adapter = new ReferenceAdapter({ ...options, mutation });
      running.push(adapter);
      const run = await checkAdapter(await adapter.start(), {
        profile: 'robust',
        only: QUICK[group] ?? [group],
        ...settings,
      });
      expect(failuresOf(run)).toEqual(fails);
    });

  it('for every check there is', () => {
    const failed = new Set(Object.values(MUTANTS).flatMap((mutants) => mutants.flatMap(({ fails }) => fails)));
    expect(ALL_CHECKS.map(({ id }) => id).filter((id) => !failed.has(id))).toEqual([]);
  });
});
