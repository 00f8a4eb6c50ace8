import { expect } from '@jest/globals';
import type { Outcome } from '../system/tools.js';

/** How clients tell their users that they may not. */
const REFUSED = /denied|unauthorized|forbidden|40[13]|authentication required|insufficient|invalid username/i;

/** The program failed, and its user can see that rights are the reason. */
export function expectRefused(outcome: Outcome): void {
  expect(outcome.code).not.toBe(0);
  expect(outcome.stdout + outcome.stderr).toMatch(REFUSED);
}
