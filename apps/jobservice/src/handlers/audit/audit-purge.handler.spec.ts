import { describe, expect, it } from '@jest/globals';
import { AuditPurgeHandler } from './audit-purge.handler.js';

const purgeOf = (batches: number[], asked: number[] = []) => ({
  purge: (keepDays: number) => {
    asked.push(keepDays);
    return Promise.resolve(batches.shift() ?? 0);
  },
});

describe('AuditPurgeHandler', () => {
  it('goes on until none is left', async () => {
    const asked: number[] = [];
    const handler = new AuditPurgeHandler(purgeOf([5_000, 7, 0], asked), 30);
    const outcome = await handler.run({ signal: new AbortController().signal });
    expect(outcome).toEqual({ statusMessage: '5007 rows of audit logs went' });
    expect(asked).toEqual([30, 30, 30]);
  });

  it('takes nothing where everything is kept', async () => {
    const asked: number[] = [];
    await new AuditPurgeHandler(purgeOf([1], asked), 0).run({ signal: new AbortController().signal });
    expect(asked).toEqual([]);
  });

  it('ends between two batches when it is stopped', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(new AuditPurgeHandler(purgeOf([1]), 30).run({ signal: stopped })).rejects.toThrow('stopped');
  });
});
