import { describe, expect, it } from '@jest/globals';
import type { Field } from './operation-shape.js';
import { undocumented } from './undocumented.js';

const fields = (types: Record<string, string>): Map<string, Field> =>
  new Map(Object.entries(types).map(([path, type]) => [path, { type, isAddition: false }]));
const users = fields({
  '': 'array',
  '[]': 'object',
  '[].name': 'string',
  '[].made': 'date-time',
  '[].extra': 'object',
});

describe('undocumented', () => {
  it('is nothing in a body as documented, with fields left out', () => {
    const body = [{ name: 'ann', made: '2026-01-31T10:00:00.000Z', extra: { any: [1] } }, {}];
    expect(undocumented(body, users)).toEqual([]);
    expect(undocumented(undefined, null)).toEqual([]);
  });

  it('is another field or another type, by its path', () => {
    expect(undocumented([{ name: 7, mail: 'x' }], users)).toEqual([
      '[].name is not of type string: 7',
      '[].mail is not documented',
    ]);
    expect(undocumented({}, users)).toEqual([' is not of type array: {}']);
    expect(undocumented([{ made: '2026-01-31T10:00:00Z' }], users)).toHaveLength(1);
  });

  it('knows maps by their values', () => {
    const map = fields({ '': 'object', labels: 'object', 'labels.{}': 'string' });
    expect(undocumented({ labels: { a: 'b', 'io.example/c': 'd' } }, map)).toEqual([]);
    expect(undocumented({ labels: { a: 1 } }, map)).toEqual(['labels.a is not of type string: 1']);
  });

  it('is any body where none is documented', () => expect(undocumented({}, null)).toEqual(['a body']));
});
