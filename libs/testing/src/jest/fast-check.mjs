// What a test gets when it imports fast-check (jest.config.mjs maps it here).
//
// The gate asks each property the same questions every time, so that a red run is about the change and not about
// luck. A soak asks new ones: BREAKWATER_PROPERTY_SEED=random, and BREAKWATER_PROPERTY_RUNS=<factor> for more of them.
import * as fastCheck from '../../../../node_modules/fast-check/lib/fast-check.js';

const FIXED_SEED = 20_261_121;
const wish = process.env.BREAKWATER_PROPERTY_SEED ?? String(FIXED_SEED);

fastCheck.configureGlobal({
  ...fastCheck.readConfigureGlobal(),
  ...(wish !== 'random' && { seed: Number(wish) }),
});

export * from '../../../../node_modules/fast-check/lib/fast-check.js';
export { default } from '../../../../node_modules/fast-check/lib/fast-check.js';
