import { type TestAdapter, type TestAdapterOptions, startTestAdapter } from '@breakwater/scanner-test-adapter';
import { afterEach, describe, expect, it } from '@jest/globals';
import { checkAdapter, failuresOf } from './testing/check-adapter.js';

const running: TestAdapter[] = [];
afterEach(() => Promise.all(running.splice(0).map((adapter) => adapter.stop())));

describe('our test adapter', () => {
  it.each(['1.0', '1.1', '1.2'] as const)('conforms to %s as an adapter of that version', async (version) => {
    const run = await checkAdapter(await start({ version }), { profile: version });
    // It does not try again after a 429, which is advice only.
    expect(failuresOf(run)).toEqual(['E13']);
    expect(run.isConformant).toBe(true);
  });

  it('works with Harbor, with credentials of its own and Bearer at the registry', async () => {
    const options = { auth: { kind: 'Basic', credential: 'kit:secret' }, registryAuthorization: 'Bearer' } as const;
    const run = await checkAdapter(await start(options), { profile: 'harbor-strict', authorization: 'kit:secret' });
    expect(failuresOf(run)).toEqual(['E13']);
    expect(run.isConformant).toBe(true);
  });

  it('works with Harbor in the ways of Trivy’s, which is not what the specification says', async () => {
    const url = await start({ flavour: 'trivy' });
    const strict = await checkAdapter(url, { profile: 'harbor-strict' });
    expect(failuresOf(strict)).toEqual(['C4', 'E13']);
    expect(strict.isConformant).toBe(true);
    const run = await checkAdapter(url, { profile: '1.2', only: ['A', 'B', 'C', 'D'] });
    expect(failuresOf(run)).toEqual(['B19', 'C4']);
    expect(run.isConformant).toBe(false);
  });

  it('is found out when it misbehaves', async () => {
    const leaking = await checkAdapter(await start({ faults: { scan: { kind: 'leak' } } }), { only: ['C1', 'H6'] });
    expect(failuresOf(leaking)).toEqual(['C1', 'H6']);
    const broken = await checkAdapter(await start({ faults: { report: { kind: 'broken-json' } } }), { only: ['C17'] });
    expect(broken.isConformant).toBe(false);
    const late = await start({ faults: { report: { kind: 'not-ready' } } });
    const endless = await checkAdapter(late, { only: ['C1', 'D1'], scanTimeoutMs: 200 });
    expect(failuresOf(endless)).toEqual(['C1', 'D1']);
  });
});

async function start(options: TestAdapterOptions): Promise<URL> {
  const adapter = await startTestAdapter({ derivedFindings: 5, ...options });
  running.push(adapter);
  return new URL(adapter.url);
}
