import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseValue, UnparsableValueError, type ValueType } from './parse-value.js';

describe('parseValue', () => {
  it.each<[ValueType, string, unknown]>([
    ['integer', '-12', -12],
    ['number', '0.25', 0.25],
    ['boolean', 'TRUE', true],
    ['boolean', 'off', false],
    ['seconds', '90', 90],
    ['seconds', '15m', 900],
    ['seconds', '7d', 604_800],
    ['bytes', '4096', 4096],
    ['bytes', '64KiB', 65_536],
    ['bytes', '1 GB', 1_000_000_000],
    ['list', ' a, b ,,c ', ['a', 'b', 'c']],
    ['string', ' kept as it is ', ' kept as it is '],
  ])('reads %s %s', (type, text, value) => {
    expect(parseValue(type, text)).toEqual(value);
  });

  it.each<[ValueType, string]>([
    ['integer', '1.5'],
    ['integer', '1e3'],
    ['integer', '9007199254740993'],
    ['number', 'NaN'],
    ['boolean', 'maybe'],
    ['boolean', 'constructor'],
    ['seconds', '-5'],
    ['seconds', '5 weeks'],
    ['seconds', 'constructor'],
    ['bytes', '1.5GiB'],
    ['bytes', '99999999TiB'],
  ])('refuses %s %s', (type, text) => {
    expect(() => parseValue(type, text)).toThrow(UnparsableValueError);
  });

  it('never repeats the value, which may be a secret', () => {
    const types: ValueType[] = ['integer', 'number', 'boolean', 'seconds', 'bytes'];
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.stringMatching(/^[g-z]{9,20}!$/), (type, text) => {
        expect(() => parseValue(type, text)).toThrow(expect.not.stringContaining(text));
      }),
    );
  });
});
