import { AdapterClient, authorizationHeaders } from '../adapter/adapter-client.js';
import type { Sizes } from '../artifacts/catalogue.js';
import type { Profile } from '../checks/profile.js';
import { Kit } from '../kit.js';
import { FixtureRegistry } from '../registry/fixture-registry.js';
import { type RunResult, runChecks } from '../run-checks.js';

/** Small enough for a test, large enough to be what they are. */
export const SMALL_SIZES: Sizes = { bombMebibytes: 96, manyPackages: 300, hardLinks: 200, manifestBytes: 1_000_000 };

export interface CheckSettings {
  profile?: Profile;
  only?: readonly string[];
  authorization?: string | null;
  scanTimeoutMs?: number;
  answerWithinMs?: number;
}

/** Runs the kit against an adapter that is listening, with a registry of its own. */
export async function checkAdapter(url: URL, settings: CheckSettings = {}): Promise<RunResult> {
  const registry = await FixtureRegistry.open({ listenOn: '127.0.0.1', host: '127.0.0.1', firstPort: null });
  const adapter = new AdapterClient({
    url,
    authorization: authorizationHeaders(settings.authorization ?? null),
    isInsecure: false,
    timeoutMs: 60_000,
  });
  try {
    const kit = new Kit(adapter, registry, {
      profile: settings.profile ?? '1.2',
      // Longer than a vendor's kit waits: an adapter that does it right is none that is slow on a slow machine.
      scanTimeoutMs: settings.scanTimeoutMs ?? 60_000,
      answerWithinMs: settings.answerWithinMs ?? 60_000,
      sizes: SMALL_SIZES,
      submits: 6,
      parallel: 6,
      maxDatabaseAgeDays: 7,
    });
    return await runChecks(kit, { adapterUrl: url.href, only: settings.only ?? [] });
  } finally {
    adapter.close();
    await registry.close();
  }
}

/** Ids of checks that failed or warned, in order; blocked ones are not the adapter's doing. */
export function failuresOf(run: RunResult): string[] {
  return run.results.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check.id);
}
