import { describe, expect, it } from '@jest/globals';
import { checkPolicy, urlOf } from './check-policy.js';
import { matchTargets } from './match-targets.js';
import type { GivenPolicy, GivenTarget } from './webhook-policy.js';

const TARGET: GivenTarget = {
  type: 'http',
  address: 'https://ci.example.com/hook?a=b',
  isCertVerified: true,
  payloadFormat: '',
  authHeader: '',
  signingSecret: null,
};
const POLICY: GivenPolicy = {
  name: 'ci',
  description: '',
  isEnabled: true,
  eventTypes: ['PUSH_ARTIFACT'],
  targets: [TARGET],
};
const withTarget = (target: Partial<GivenTarget>): GivenPolicy => ({ ...POLICY, targets: [{ ...TARGET, ...target }] });

describe('checkPolicy', () => {
  it('gives http targets the default format, and keeps the address as it is', () => {
    expect(checkPolicy(POLICY).targets).toMatchObject([{ payloadFormat: 'Default', address: TARGET.address }]);
    expect(checkPolicy(withTarget({ payloadFormat: 'CloudEvents' })).targets).toMatchObject([
      { payloadFormat: 'CloudEvents' },
    ]);
    expect(checkPolicy(withTarget({ address: 'ci.example.com/x' })).targets).toMatchObject([
      { address: 'ci.example.com/x' },
    ]);
  });

  it('takes an event type once', () => {
    const eventTypes = ['TAG_RETENTION', 'TAG_RETENTION', 'REPLICATION'];
    expect(checkPolicy({ ...POLICY, eventTypes }).eventTypes).toEqual(['TAG_RETENTION', 'REPLICATION']);
  });

  it.each<[string, GivenPolicy]>([
    ['a name', { ...POLICY, name: '' }],
    ['longer than', { ...POLICY, name: 'x'.repeat(256) }],
    ['an event type', { ...POLICY, eventTypes: [] }],
    ['no event type', { ...POLICY, eventTypes: ['PUSH'] }],
    ['a target', { ...POLICY, targets: [] }],
    ['more than 16', { ...POLICY, targets: Array.from({ length: 17 }, () => TARGET) }],
    ['no type of target', withTarget({ type: 'mail' })],
    ['an address', withTarget({ address: '' })],
    ['no URL', withTarget({ address: 'http://' })],
    ['neither http nor https', withTarget({ address: 'ftp://ci.example.com' })],
    ['no payload format', withTarget({ payloadFormat: 'XML' })],
    ['takes no payload format', withTarget({ type: 'slack', payloadFormat: 'Default' })],
    ['takes no payload format', withTarget({ type: 'teams', payloadFormat: 'CloudEvents' })],
    ['printable ASCII', withTarget({ authHeader: 'Bearer x\r\nHost: y' })],
    ['printable ASCII', withTarget({ authHeader: 'Bearer ü' })],
    ['longer than', withTarget({ signingSecret: 'x'.repeat(10_000) })],
  ])('refuses without %s', (reason, policy) => {
    expect(() => checkPolicy(policy)).toThrow(reason);
  });
});

describe('urlOf', () => {
  it.each([
    ['ci.example.com:8443/x?y', 'http://ci.example.com:8443/x?y'],
    ['10.0.0.1', 'http://10.0.0.1/'],
    ['HTTPS://ci.example.com', 'https://ci.example.com/'],
  ])('reads %s', (address, href) => {
    expect(urlOf(address).href).toBe(href);
  });
});

describe('matchTargets', () => {
  const [a, b, c] = [
    { id: 1, type: 'http', address: 'a' },
    { id: 2, type: 'slack', address: 'b' },
    { id: 3, type: 'http', address: 'c' },
  ];
  it.each<[string, { type: 'http' | 'slack'; address: string }[], (number | null)[]]>([
    [
      'by address, in any order',
      [
        { type: 'http', address: 'c' },
        { type: 'http', address: 'a' },
      ],
      [3, 1],
    ],
    [
      'by type, where the address is another',
      [
        { type: 'slack', address: 'x' },
        { type: 'http', address: 'y' },
      ],
      [2, 1],
    ],
    [
      'first by address',
      [
        { type: 'http', address: 'y' },
        { type: 'http', address: 'a' },
      ],
      [3, 1],
    ],
    [
      'not across types',
      [
        { type: 'slack', address: 'a' },
        { type: 'slack', address: 'z' },
      ],
      [2, null],
    ],
    [
      'each once',
      [
        { type: 'http', address: 'a' },
        { type: 'http', address: 'a' },
        { type: 'http', address: 'a' },
      ],
      [1, 3, null],
    ],
  ])('finds a target %s', (_, given, expected) => {
    expect(matchTargets(given, [a, b, c])).toEqual(expected);
  });
});
