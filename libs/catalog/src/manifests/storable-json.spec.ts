import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { storableJson } from './storable-json.js';

describe('storableJson', () => {
  it('drops what text in PostgreSQL cannot hold, in keys and in values', () => {
    expect(storableJson({ 'a\0': ['b\0c', '\ud800d'] })).toEqual({ a: ['bc', '\ufffdd'] });
  });

  it('has no infinite numbers', () => {
    expect(storableJson(JSON.parse('[1e999, -1e999, 1.5]'))).toEqual([null, null, 1.5]);
  });

  it('keeps a key called __proto__ a plain key', () => {
    const stored = storableJson(JSON.parse('{"__proto__": {"a": 1}}'));
    expect(JSON.stringify(stored)).toBe('{"__proto__":{"a":1}}');
  });

  it('cuts what is nested without end', () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(JSON.stringify(storableJson(deep))).toBe(`${'['.repeat(64)}null${']'.repeat(64)}`);
  });

  it('leaves ordinary JSON as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'grapheme' }), (value) => {
        fc.pre(!JSON.stringify(value).includes('\\u0000'));
        expect(JSON.stringify(storableJson(value))).toBe(JSON.stringify(value));
      }),
    );
  });
});
