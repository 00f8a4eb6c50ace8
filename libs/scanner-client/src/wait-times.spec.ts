import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hideSecrets } from './answers/hide-secrets.js';
import { findHintSeconds, pollDelayMs, retryDelayMs } from './wait-times.js';

const now = Date.parse('2026-03-01T10:00:00Z');

describe('what an adapter asks for', () => {
  it.each([
    [{ 'refresh-after': '5' }, 5],
    [{ 'retry-after': '7' }, 7],
    [{ 'refresh-after': '200', 'retry-after': '1' }, 200],
    [{ 'retry-after': 'Sun, 01 Mar 2026 10:00:30 GMT' }, 30],
    [{ 'retry-after': 'Sun, 01 Mar 2026 09:00:00 GMT' }, 0],
    [{ 'refresh-after': '-3' }, null],
    [{ 'refresh-after': 'soon' }, null],
    [{ 'refresh-after': '9'.repeat(400) }, null],
    [{}, null],
  ])('in %j is %p s', (headers, seconds) => expect(findHintSeconds(headers, now)).toBe(seconds));

  it('counts within 1 and 60 s, and is never undercut', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.nat(1000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (hint, asked, random) => {
          const wanted = Math.min(60, Math.max(1, hint)) * 1000;
          const delayMs = pollDelayMs(asked, hint, { random: () => random });
          expect(delayMs).toBeGreaterThanOrEqual(wanted);
          expect(delayMs).toBeLessThanOrEqual(wanted * 1.1);
        },
      ),
    );
  });
});

it('waits longer each time, to a limit', () => {
  const clock = { random: () => 0.5 };
  const polls = Array.from({ length: 50 }, (_, asked) => pollDelayMs(asked, null, clock));
  const retries = Array.from({ length: 50 }, (_, failures) => retryDelayMs(failures + 1, null, clock));
  for (const [delays, first, last] of [
    [polls, 250, 5000],
    [retries, 1000, 60_000],
  ] as const) {
    expect([delays[0], delays.at(-1)]).toEqual([first, last]);
    expect(delays).toEqual(delays.toSorted((a, b) => a - b));
  }
});

describe('hideSecrets', () => {
  it('leaves nothing of a credential, in any form', () => {
    const secret = fc.stringMatching(/^[a-zA-Z0-9+!-]{8,40}$/);
    fc.assert(
      fc.property(secret, fc.constantFrom('Basic', 'Bearer'), fc.string(), (password, kind, around) => {
        const pair = `scanner:${password}`;
        const encoded = Buffer.from(pair).toString('base64');
        const authorization = kind === 'Basic' ? `Basic ${encoded}` : `Bearer ${password}`;
        const said = `${around} ${authorization} and ${kind === 'Basic' ? `${pair} ${encoded}` : ''} ${password}`;
        const shown = hideSecrets(said, [authorization, null, undefined]) ?? '';
        expect(shown.replace(around, '')).not.toContain(password);
        expect(shown.replace(around, '')).not.toContain(encoded);
      }),
    );
  });

  it('leaves other words alone', () => {
    expect(hideSecrets('not found', ['Basic abcd', 'a:b'])).toBe('not found');
    expect(hideSecrets(null, ['secret'])).toBeNull();
  });
});
