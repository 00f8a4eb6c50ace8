import type { CheckId } from './profile.js';

/** A check cannot be made because what it looks at does not exist; the check that says so has failed itself. */
export class BlockedError extends Error {
  constructor(
    readonly by: CheckId,
    reason: string,
  ) {
    super(reason);
    this.name = 'BlockedError';
  }
}
