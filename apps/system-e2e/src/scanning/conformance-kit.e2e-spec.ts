import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HOME } from '../system/start-installation.js';
import { run } from '../system/tools.js';
import { startAdapterProcess, type AdapterProcess } from './testing/adapter-process.js';

const KIT = join(HOME, 'apps/scanner-conformance/dist/scanner-conformance.mjs');

/** What a vendor does: the kit against an adapter, each a process. */
describe('the conformance kit', () => {
  let adapter: AdapterProcess;

  beforeAll(async () => {
    adapter = await startAdapterProcess({ SCANNER_TEST_ADAPTER_DERIVED_FINDINGS: '5' });
  });
  afterAll(() => adapter.stop());

  it('says with exit code 0 that the test adapter conforms to 1.2', async () => {
    const outcome = await run(process.execPath, [KIT, adapter.url, '--profile', '1.2']);
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('The adapter conforms to 1.2.') });
    expect(outcome.stdout).toMatch(/^\d+ passed, 0 failed/m);
  });

  it('says with exit code 1 what is wrong when it sends broken JSON', async () => {
    await adapter.setFaults({ report: { kind: 'broken-json' } });
    const outcome = await run(process.execPath, [KIT, adapter.url, '--profile', '1.2', '--only', 'A,C']);
    expect(outcome).toMatchObject({ code: 1, stdout: expect.stringContaining('✘ C') });
  });
});
