import { describe, expect, it } from '@jest/globals';
import { ReportId } from './report-id.js';

const [ONE, OTHER] = ['019aa0f4-6a31-7c11-9d53-3f1f5b0f7a10', '019aa0f4-6a31-7c11-9d53-3f1f5b0f7a11'];

describe('ReportId', () => {
  it('is the uuid of one report, and base64 of several', () => {
    expect(ReportId.of([ONE])).toBe(ONE);
    expect(Buffer.from(ReportId.of([ONE, OTHER]), 'base64').toString()).toBe(`${ONE}|${OTHER}`);
  });

  it('is read back', () => {
    for (const uuids of [[ONE], [ONE, OTHER]]) expect(ReportId.parse(ReportId.of(uuids))).toEqual(uuids);
    expect(ReportId.parse(ONE.toUpperCase())).toEqual([ONE]);
  });

  it.each(['', 'x', '../', Buffer.from('a|b').toString('base64'), Buffer.from(`${ONE}|`).toString('base64')])(
    'is not %j',
    (text) => expect(ReportId.parse(text)).toEqual([]),
  );
});
