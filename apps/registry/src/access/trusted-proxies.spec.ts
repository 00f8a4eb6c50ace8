import { describe, expect, it } from '@jest/globals';
import { TrustedProxies } from './trusted-proxies.js';

describe('TrustedProxies', () => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '192.168.1.7', 'fd00::/8', '::1']);

  it.each(['10.200.3.4', '192.168.1.7', '::1', 'fd12::99', '::ffff:10.1.2.3'])('includes %s', (address) => {
    expect(proxies.includes(address)).toBe(true);
  });

  it.each(['11.0.0.1', '192.168.1.8', '::2', 'fe80::1', '::ffff:11.0.0.1', 'not an address', '', undefined])(
    'does not include %s',
    (address) => {
      expect(proxies.includes(address)).toBe(false);
    },
  );

  it('trusts nobody when nobody is named', () => {
    expect(new TrustedProxies([]).includes('127.0.0.1')).toBe(false);
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'proxy.local', '::/129', '10.0.0.0/8/8', '10.0.0.0/-1'])(
    'refuses %s',
    (range) => {
      expect(() => new TrustedProxies([range])).toThrow(RangeError);
    },
  );
});
