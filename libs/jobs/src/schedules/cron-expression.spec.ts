import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidCronError } from '../jobs.errors.js';
import { CronExpression } from './cron-expression.js';

const FROM = new Date('2026-03-10T12:00:00Z'); // a Tuesday

function next(text: string, from = FROM): string | undefined {
  return CronExpression.parse(text).nextAfter(from)?.toISOString();
}

describe('CronExpression', () => {
  it.each([
    ['0 0 * * * *', '2026-03-10T13:00:00.000Z'],
    ['0 0 0 * * *', '2026-03-11T00:00:00.000Z'],
    ['0 30 4 ? * SUN', '2026-03-15T04:30:00.000Z'],
    ['0 5/20 * * * *', '2026-03-10T12:05:00.000Z'],
    ['0 */25 * * * *', '2026-03-10T12:25:00.000Z'],
    ['0 0 0 29 feb ?', '2028-02-29T00:00:00.000Z'],
    ['15 0 12 10 3 *', '2026-03-10T12:00:15.000Z'],
    ['0 0 0 1-3,20 * *', '2026-03-20T00:00:00.000Z'],
    ['0 0 0 11/200 * *', '2026-03-11T00:00:00.000Z'],
    // Either day is enough when both are named; one is, when the other is a star.
    ['0 0 0 13 * 1', '2026-03-13T00:00:00.000Z'],
    ['0 0 0 * * 1', '2026-03-16T00:00:00.000Z'],
  ])('%s comes next at %s, in UTC', (text, expected) => expect(next(text)).toBe(expected));

  it('is over when no such day comes', () => expect(next('0 0 0 31 2 ?')).toBeUndefined());

  it('knows no summer time', () => {
    expect(next('0 30 2 * * *', new Date('2026-03-29T00:00:00Z'))).toBe('2026-03-29T02:30:00.000Z');
  });

  it.each([
    '',
    '* * * * *',
    '0 0 0 * * * 2027',
    '@daily',
    '0 60 * * * *',
    '0 0 24 * * *',
    '0 0 0 0 * *',
    '0 0 0 * 13 *',
    '0 0 0 * * 7',
    '0 0 0 L * *',
    '0 0 0 * * 1#2',
    '0 0 0 15W * *',
    '0 5-3 * * * *',
    '0 */0 * * * *',
    '0 1,,2 * * * *',
    '0 -1 * * * *',
    '0 0 0 * * monday',
  ])('refuses %j, as Harbor does', (text) => expect(() => CronExpression.parse(text)).toThrow(InvalidCronError));

  it('is at a whole minute where a user sets it', () => {
    expect(() => CronExpression.parseForUser('10 * * * * *')).toThrow('must be 0');
    expect(() => CronExpression.parseForUser('* * * * * *')).toThrow('must be 0');
    expect(CronExpression.parseForUser('0 * * * * *').nextAfter(FROM)).toEqual(new Date('2026-03-10T12:01:00Z'));
  });

  it('comes at the first of its minutes, and never at the moment it is asked from', () => {
    const field = fc.record({ first: fc.nat(59), step: fc.integer({ min: 1, max: 59 }) });
    fc.assert(
      fc.property(field, fc.nat(10 ** 6), ({ first, step }, minutes) => {
        const from = new Date(FROM.getTime() + minutes * 60_000);
        const found = CronExpression.parse(`0 ${first}/${step} * * * *`).nextAfter(from)?.getTime();
        let expected = from.getTime() + 60_000;
        const isMeant = (minute: number): boolean => minute >= first && (minute - first) % step === 0;
        while (!isMeant(new Date(expected).getUTCMinutes())) expected += 60_000;
        expect(found).toBe(expected);
      }),
    );
  });
});
