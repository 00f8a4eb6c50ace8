import { describe, expect, it } from '@jest/globals';
import { harborTime, omitEmpty } from './harbor-json.js';

describe('harborTime', () => {
  it('has three decimals always, and a zero', () => {
    expect(harborTime(new Date('2026-08-21T05:58:10Z'))).toBe('2026-08-21T05:58:10.000Z');
    expect(harborTime(new Date('2026-08-21T07:58:10.1234+02:00'))).toBe('2026-08-21T05:58:10.123Z');
    expect(harborTime(null)).toBe('0001-01-01T00:00:00.000Z');
  });
});

describe('omitEmpty', () => {
  const row = {
    id: 0,
    name: '',
    deleted: false,
    tags: [],
    extra: {},
    owner: null,
    missing: undefined,
    at: new Date(0),
    n: 1,
  };

  it('drops what is empty, and keeps dates and what is marked', () => {
    expect(omitEmpty(row)).toEqual({ at: new Date(0), n: 1 });
    expect(omitEmpty(row, ['id', 'deleted', 'tags', 'owner', 'missing'])).toEqual({
      id: 0,
      deleted: false,
      tags: [],
      owner: null,
      at: new Date(0),
      n: 1,
    });
  });

  it('leaves the insides alone', () => {
    expect(omitEmpty({ a: { b: 0 }, c: [0] })).toEqual({ a: { b: 0 }, c: [0] });
  });
});
