import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';

/** What the machine tells the fault tests: the only place of this folder that reads the environment. */
export const faultsConfig = {
  /** How long the load under random kills lasts; CI's when nothing is said. */
  seconds: (usual: number): number => Number(process.env['BREAKWATER_FAULT_SECONDS'] ?? usual),
  /** The same seed makes the same contents and the same choices. Timing is the machine's own. */
  seed: (): number => Number(process.env['BREAKWATER_FAULT_SEED'] ?? randomInt(2 ** 31)),
  /** Root of the checkout whose build is tested. Another one shows that the tests find what is broken there. */
  home: (): string => process.env['BREAKWATER_FAULT_HOME'] ?? resolve(import.meta.dirname, '../../../..'),
  /** Leaves logs and data where they are. */
  isKept: (): boolean => process.env['BREAKWATER_FAULT_KEEP'] === '1',
  mustRunAll: (): boolean => process.env['BREAKWATER_REQUIRE_ALL'] === '1',
  searchPath: (): string => process.env['PATH'] ?? '',
};
