import { describe } from '@jest/globals';
import type { Api } from '../system/api.js';
import { describeBlobs } from './blobs.checks.js';
import { describeChunks } from './chunks.checks.js';
import { describeDataSets } from './data-sets.checks.js';
import { describeLists } from './lists.checks.js';
import { describeMounts } from './mounts.checks.js';
import { describeOlderSuite } from './older-suite.checks.js';
import { describeRanges } from './ranges.checks.js';
import { describeRefusals } from './refusals.checks.js';
import { aWorld } from './world.js';

/**
 * The OCI distribution spec as our own checks, over the real token flow: what the conformance program of the spec asks
 * in its newest mode and in v1.1.1, and the rules of the text that neither of them looks at. They run wherever Node
 * does; the program itself is run beside them where it is installed.
 *
 * @param api  read when the suite starts.
 */
export function describeConformance(where: string, api: () => Api): void {
  describe(`distribution spec, ${where}`, () => {
    const world = aWorld(api);
    describeRefusals(world);
    describeBlobs(world);
    describeChunks(world);
    describeRanges(world);
    describeMounts(world);
    describeDataSets(world);
    describeLists(world);
    describeOlderSuite(world);
  });
}
