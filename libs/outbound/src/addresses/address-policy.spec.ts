import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AddressPolicy } from './address-policy.js';

const closed = new AddressPolicy([]);
const isRefused = (policy: AddressPolicy, address: string, host = 'some.test'): boolean =>
  policy.findRefusal(host, address) !== null;

describe('without anything allowed', () => {
  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::ffff:0:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2002:a00:1::1',
    '2001::1',
    '2001:db8::1',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'no address',
    '0x7f.1',
  ])('refuses %s', (address) => expect(isRefused(closed, address)).toBe(true));

  it.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.1',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450::1',
    '::ffff:1.1.1.1',
    '64:ff9b::1.1.1.1',
    '2002:101:101::1',
  ])('lets %s', (address) => expect(isRefused(closed, address)).toBe(false));

  it('an IPv4 address fares the same however IPv6 wraps it', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const refused = isRefused(closed, address);
        const hex = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
        const [a, b] = [hex.slice(0, 2).join(''), hex.slice(2).join('')];
        for (const wrapped of [`::ffff:${address}`, `64:ff9b::${a}:${b}`, `2002:${a}:${b}::5`])
          expect([wrapped, isRefused(closed, wrapped)]).toEqual([wrapped, refused]);
      }),
    );
  });
});

describe('what is allowed', () => {
  const open = new AddressPolicy(['127.0.0.0/8', '::1', '10.9.8.7', 'Scanner.Internal', '*.svc.local', 'fd00::/8']);

  it.each(['127.0.0.1', '127.1.2.3', '::1', '10.9.8.7', '::ffff:127.0.0.1', '64:ff9b::10.9.8.7', 'fd12::1'])(
    'is the address %s',
    (address) => expect(isRefused(open, address)).toBe(false),
  );

  it.each(['10.9.8.6', '192.168.0.1', 'fc00::1', '169.254.169.254'])('is not the address %s', (address) =>
    expect(isRefused(open, address)).toBe(true),
  );

  it.each(['scanner.internal', 'SCANNER.internal.', 'a.svc.local', 'b.a.svc.local'])('is the name %s', (host) =>
    expect(isRefused(open, '10.0.0.1', host)).toBe(false),
  );

  it.each(['svc.local', 'xsvc.local', 'scanner.internal.evil.test', 'notscanner.internal'])(
    'is not the name %s',
    (host) => expect(isRefused(open, '10.0.0.1', host)).toBe(true),
  );
});

it('tells what to do, and nothing of the address behind a name', () => {
  const refusal = closed.findRefusal('db.corp.test', '10.1.2.3');
  expect(refusal?.message).toBe(
    'calls to db.corp.test are refused: it is an address of a private network. If it is meant, an administrator can ' +
      'add the host name or its range to BREAKWATER_OUTBOUND_ALLOW',
  );
  expect(JSON.stringify(refusal?.detail)).not.toContain('10.1');
});
