import { describe, expect, it } from '@jest/globals';
import { authorizationHeaders } from '../adapter/adapter-client.js';
import { HELP, listOfChecks } from './help.js';
import { type Options, parseOptions } from './options.js';

describe('the command line', () => {
  it('needs an address and nothing else', () => {
    expect(parseOptions(['http://scanner:8080'])).toMatchObject({
      profile: '1.2',
      authorization: null,
      isInsecure: false,
      registryHost: '127.0.0.1',
      registryPort: null,
      registryListenOn: '127.0.0.1',
      scanTimeoutMs: 120_000,
      only: [],
    });
  });

  it.each([
    ['host.docker.internal:5500', 'host.docker.internal', 5500],
    ['192.0.2.7', '192.0.2.7', null],
    ['[2001:db8::7]:5500', '2001:db8::7', 5500],
  ])('opens the registry to others when it is given an address: %s', (address, host, port) => {
    const options = parseOptions(['http://scanner', '-r', address]) as Options;
    expect([options.registryHost, options.registryPort, options.registryListenOn]).toEqual([host, port, '0.0.0.0']);
  });

  it('takes groups and checks, in any case and together', () => {
    expect(parseOptions(['http://scanner', '-o', 'a, c4', '--only', 'H'])).toMatchObject({ only: ['A', 'C4', 'H'] });
  });

  it.each([
    [[], 'The address of the adapter is missing'],
    [['scanner:8080'], 'no http or https address'],
    [['http://user:secret@scanner'], 'use --authorization'],
    [['http://one', 'http://two'], 'One adapter at a time'],
    [['http://scanner', '--profile', '2.0'], '--profile is one of 1.0, 1.1, 1.2, harbor-strict, robust'],
    [['http://scanner', '--timeout', '0'], '--timeout is a number'],
    [['http://scanner', '--only', 'Z9'], 'no check or group Z9'],
    [['http://scanner', '--registry-address', 'http://host'], 'without http://'],
    [['http://scanner', '--registry-address', 'host:99999'], 'host or host:port'],
    [['http://scanner', '--authorization', '@/does/not/exist'], 'ENOENT'],
    [['http://scanner', '--colour'], '--colour'],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(message) }),
    );
  });

  it.each(['help', 'version', 'list'])('--%s needs no address', (word) => {
    expect(parseOptions([`--${word}`])).toBe(word);
  });

  it('names every option in the help, and every check in the list', () => {
    for (const option of [
      'profile',
      'authorization',
      'registry-address',
      'timeout',
      'only',
      'junit',
      'json',
      'insecure',
    ])
      expect(HELP).toContain(`--${option}`);
    expect(listOfChecks()).toMatch(/A1 {2}answers with a JSON object[^\n]+\n +1.0 required, .*robust required/);
  });
});

describe('credentials of the adapter', () => {
  it.each([
    [null, {}],
    ['user:pass:word', { Authorization: `Basic ${Buffer.from('user:pass:word').toString('base64')}` }],
    ['Basic dTpw', { Authorization: 'Basic dTpw' }],
    ['Bearer abc', { Authorization: 'Bearer abc' }],
    ['apikey:abc:def', { 'X-ScannerAdapter-API-Key': 'abc:def' }],
  ])('%s', (text, headers) => {
    expect(authorizationHeaders(text)).toEqual(headers);
  });
});
