import { propertyFactor, propertyReplay } from './services/environment.js';

/** For `fc.assert`. */
export interface PropertySettings {
  readonly numRuns: number;
  readonly seed?: number;
  readonly path?: string;
}

/**
 * How often a property is tried: `runs` times in every run of the tests, and so often by BREAKWATER_PROPERTY_RUNS in
 * a soak. fast-check prints seed and path of a failure: BREAKWATER_PROPERTY_REPLAY=<seed>/<path> shows it again.
 */
export function propertySettings(runs: number): PropertySettings {
  const [seed, path] = propertyReplay()?.split('/') ?? [];
  return {
    numRuns: Math.ceil(runs * propertyFactor()),
    ...(seed && { seed: Number(seed) }),
    ...(path && { path }),
  };
}
