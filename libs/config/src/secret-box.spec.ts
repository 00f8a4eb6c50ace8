import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { UnreadableSecretError } from './config.errors.js';
import { SecretBox } from './secret-box.js';

const oldKey = randomBytes(32);
const newKey = randomBytes(32);
const box = new SecretBox([oldKey]);

describe('SecretBox', () => {
  it('opens what it sealed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, purpose) => {
        expect(box.open(box.seal(text, purpose), purpose)).toBe(text);
      }),
    );
  });

  it('seals the same text differently each time', () => {
    expect(box.seal('text', 'p')).not.toBe(box.seal('text', 'p'));
  });

  it('refuses a text that belongs elsewhere', () => {
    expect(() => box.open(box.seal('text', 'registry:1/password'), 'registry:2/password')).toThrow(
      UnreadableSecretError,
    );
  });

  it('refuses a text of which any single character was changed', () => {
    const sealed = box.seal('a secret of some length', 'p');
    for (let index = 0; index < sealed.length - 1; index++) {
      const other = sealed[index] === 'A' ? 'B' : 'A';
      const altered = sealed.slice(0, index) + other + sealed.slice(index + 1);
      expect(() => box.open(altered, 'p')).toThrow(UnreadableSecretError);
    }
  });

  it.each(['', 'plain text', 'v1.abc', 'v1.00000000.AAAA', 'v2.x.y'])('refuses %j, which nobody sealed', (text) => {
    expect(() => box.open(text, 'p')).toThrow(UnreadableSecretError);
  });

  it('opens with older keys of the ring and tells what to seal anew', () => {
    const rotated = new SecretBox([newKey, oldKey]);
    const old = box.seal('text', 'p');
    expect(rotated.open(old, 'p')).toBe('text');
    expect(rotated.isStale(old)).toBe(true);
    const renewed = rotated.seal('text', 'p');
    expect(rotated.isStale(renewed)).toBe(false);
    expect(() => box.open(renewed, 'p')).toThrow(/key ring lacks/);
  });
});
