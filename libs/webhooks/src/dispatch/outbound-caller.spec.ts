import type { OutboundRequest, OutboundResponse } from '@breakwater/outbound';
import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { OutboundCaller } from './outbound-caller.js';

const MESSAGE = {
  url: 'https://ci.example.com/hook',
  headers: {},
  body: '{}',
  isCertVerified: true,
  timeoutMs: 7_000,
  maxAnswerBytes: 4,
  signal: new AbortController().signal,
};

function callerOver(asked: OutboundRequest[]): OutboundCaller {
  return new OutboundCaller({
    send: (request) => {
      asked.push(request);
      const body = Readable.from([Buffer.from('taken')], { objectMode: false });
      return Promise.resolve<OutboundResponse>({ status: 202, url: new URL(request.url), headers: { a: 'b' }, body });
    },
  });
}

describe('OutboundCaller', () => {
  it.each([true, false])('takes any certificate only where the target says so: verified %s', async (isCertVerified) => {
    const asked: OutboundRequest[] = [];
    await callerOver(asked).post({ ...MESSAGE, isCertVerified });
    expect(asked).toMatchObject([{ tls: { isVerified: isCertVerified } }]);
  });

  it('follows no redirect, and gives all of a call the time of an attempt', async () => {
    const asked: OutboundRequest[] = [];
    await callerOver(asked).post(MESSAGE);
    expect(asked).toMatchObject([{ method: 'POST', body: '{}', limits: { deadlineMs: 7_000 } }]);
    expect(asked[0]?.maxRedirects ?? 0).toBe(0);
  });

  it('reads the beginning of the answer', async () => {
    expect(await callerOver([]).post(MESSAGE)).toEqual({ status: 202, headers: { a: 'b' }, body: 'take' });
  });
});
