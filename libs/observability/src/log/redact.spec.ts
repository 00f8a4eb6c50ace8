import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redact, redactText } from './redact.js';

const SECRET = 'hunter2hunter2';

describe('redact', () => {
  it.each([
    'authorization',
    'Set-Cookie',
    'password',
    'newPasswd',
    'client_secret',
    'refreshToken',
    'X-Api-Key',
    'privateKey',
  ])('blanks %s at any depth', (name) => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('user', 'rows', 'list'), { maxLength: 5 }), (path) => {
        let fields: unknown = { [name]: SECRET, kept: 'visible' };
        for (const step of path) fields = step === 'list' ? [fields] : { [step]: fields };
        const text = JSON.stringify(redact(fields));
        expect(text).not.toContain(SECRET);
        expect(text).toContain('visible');
      }),
    );
  });

  it('blanks a secret that is an object, and keeps flags and absences', () => {
    expect(redact({ token: { value: SECRET }, hasPassword: true, secret: null })).toEqual({
      token: '[redacted]',
      hasPassword: true,
      secret: null,
    });
  });

  it('blanks secrets in errors, their causes and their fields', () => {
    const cause = Object.assign(new Error(`cannot reach postgres://app:${SECRET}@db/x`), { password: SECRET });
    const text = JSON.stringify(redact({ error: new Error(`sent Bearer ${SECRET}`, { cause }) }));
    expect(text).not.toContain(SECRET);
    expect(text).toContain('cannot reach postgres://app:[redacted]@db/x');
    expect(text).toContain('redact.spec');
  });

  it('leaves the value that it was given as it was', () => {
    const fields = { password: SECRET, list: [{ token: SECRET }] };
    redact(fields);
    expect(fields).toEqual({ password: SECRET, list: [{ token: SECRET }] });
  });

  it('survives what JSON does not: cycles, big integers, bytes, broken dates', () => {
    const cycle: Record<string, unknown> = { size: 2n ** 60n, bytes: Buffer.from(SECRET), at: new Date(NaN) };
    cycle.self = cycle;
    const text = JSON.stringify(redact(cycle));
    expect(text).toContain('"size":"1152921504606846976"');
    expect(text).toContain(`[${SECRET.length} bytes]`);
    expect(text).toContain('[…]');
  });

  it('cuts a list that would flood the log', () => {
    const list = redact(Array.from({ length: 1000 }, (_, index) => index)) as unknown[];
    expect(list).toHaveLength(101);
    expect(list.at(-1)).toBe('… and 900 more');
  });
});

describe('redactText', () => {
  it('keeps addresses and words without credentials', () => {
    const text = 'GET https://registry.example.com:8443/v2/ as Basic user; 10:30 bearer of news';
    expect(redactText(text)).toBe(text);
  });
});
