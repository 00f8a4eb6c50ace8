import { describe, expect, it } from '@jest/globals';
import { assertObjectKey, newObjectKey, newTailKey, owningObjectKey, tailPrefix } from './object-key.js';

describe('object keys', () => {
  it('are unique, sharded, and pass their own check', () => {
    const keys = new Set(Array.from({ length: 1000 }, newObjectKey));
    expect(keys.size).toBe(1000);
    for (const key of keys) {
      expect(key).toMatch(/^blobs\/([0-9a-f]{2})\/\1[0-9a-f]{6}-[0-9a-f-]{27}$/);
      expect(() => assertObjectKey(key)).not.toThrow();
      expect(() => assertObjectKey(newTailKey(key))).not.toThrow();
    }
  });

  it.each(['', '/', 'blobs/../x', '../x', 'blobs/./x', 'a//b', 'a/', '/a', 'A', 'a b', 'a\\b', 'a\0', 'x'.repeat(257)])(
    'refuses %j',
    (key) => {
      expect(() => assertObjectKey(key)).toThrow(TypeError);
    },
  );

  it('know whose tail they are', () => {
    const key = newObjectKey();
    const tail = newTailKey(key);
    expect(tail.startsWith(tailPrefix(key))).toBe(true);
    expect(tail).not.toBe(newTailKey(key));
    expect(owningObjectKey(tail)).toBe(key);
    expect(owningObjectKey(key)).toBe(key);
  });
});
