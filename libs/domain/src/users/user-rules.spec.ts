import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkPassword, passwordFaults, WeakPasswordError } from './password-policy.js';
import { InvalidUserFieldError, isEmail, parseUserName, parseUserProfile } from './user-fields.js';

describe('passwords', () => {
  it.each(['Aa345678', 'Pässw0rd', 'A1' + 'a'.repeat(126)])('takes %p', (password) => {
    expect(() => checkPassword(password)).not.toThrow();
  });

  it.each([
    ['', ['at least 8 characters', 'an upper-case letter', 'a lower-case letter', 'a digit']],
    ['Aa34567', ['at least 8 characters']],
    ['aaaa1111', ['an upper-case letter']],
    ['AAAA1111', ['a lower-case letter']],
    ['AAAAaaaa', ['a digit']],
    ['A1' + 'a'.repeat(127), ['at most 128 characters']],
  ])('says what %p lacks', (password, faults) => expect(passwordFaults(password)).toEqual(faults));

  it('counts characters, not bytes or code units', () => {
    expect(passwordFaults('Aa1🦀🦀🦀🦀')).toEqual(['at least 8 characters']);
    expect(passwordFaults('Aa1🦀🦀🦀🦀🦀')).toEqual([]);
  });

  it('never repeats the password in the error', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 12 }).filter((text) => passwordFaults(text).length > 0),
        (password) => {
          const error = new WeakPasswordError(passwordFaults(password));
          expect(JSON.stringify([error.message, error.detail])).not.toContain(password);
        },
      ),
    );
  });
});

describe('user names', () => {
  it.each(['bob', 'b', 'Bob Smith', 'bob@example.com', 'ユーザー', 'x'.repeat(255)])('takes %p', (name) => {
    expect(parseUserName(name)).toBe(name);
  });

  it.each(['', 'x'.repeat(256), 'robot$ci', 'bob#2', 'a,b', 'a"b', 'a~b', 'a%b', 'a\nb', 'a\u0000'])(
    'refuses %p',
    (name) => expect(() => parseUserName(name)).toThrow(InvalidUserFieldError),
  );
});

describe('profiles', () => {
  const bob = { email: 'bob@example.com', realname: 'Bob', comment: '' };

  it('take empty comments and nothing else empty', () => {
    expect(parseUserProfile({ email: 'bob@example.com', realname: 'Bob' })).toEqual(bob);
    expect(() => parseUserProfile({ ...bob, email: null })).toThrow(/email/);
    expect(() => parseUserProfile({ ...bob, realname: '' })).toThrow(/realname/);
    expect(() => parseUserProfile({ ...bob, comment: 'x'.repeat(31) })).toThrow(/comment/);
  });

  it.each(['a@b.co', 'a.b+c@sub.example.org', 'a@xn--bcher-kva.example', "o'hara@example.com"])(
    'know %p for an address',
    (text) => {
      expect(isEmail(text)).toBe(true);
    },
  );

  it.each([
    '',
    'a',
    'a@',
    '@b.co',
    'a@b',
    'a@b.c',
    'a b@c.de',
    'a@b@c.de',
    'a@-b.de',
    'a@b..de',
    'a@b.de\n',
    `a@${'b'.repeat(254)}.de`,
  ])('do not take %p for one', (text) => expect(isEmail(text)).toBe(false));
});
