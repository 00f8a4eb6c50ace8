import { BlockList, isIP, isIPv4 } from 'node:net';

/** The proxies whose `X-Forwarded-*` headers are believed. Everybody else's are ignored. */
export class TrustedProxies {
  private readonly list = new BlockList();
  private readonly isEmpty: boolean;

  /**
   * @param ranges  CIDR ranges or single addresses, IPv4 or IPv6, e.g. `10.0.0.0/8`, `::1`.
   * @throws RangeError  for anything else; the settings have checked them (`IsAddressRanges`).
   */
  constructor(ranges: readonly string[]) {
    this.isEmpty = ranges.length === 0;
    for (const range of ranges) this.add(range);
  }

  /** @param address  of the peer, as the socket tells it; an IPv4 address may come in IPv6 clothes. */
  includes(address: string | undefined): boolean {
    if (this.isEmpty || address === undefined) return false;
    const plain = withoutMapping(address);
    const version = isIP(plain);
    return version !== 0 && this.list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  }

  private add(range: string): void {
    const { address, family, prefix } = parseRange(range);
    this.list.addSubnet(address, prefix, family);
  }
}

function parseRange(range: string): { address: string; family: 'ipv4' | 'ipv6'; prefix: number } {
  const [address = '', bits, ...rest] = range.split('/');
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const most = family === 'ipv4' ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
  if (isIP(address) === 0 || rest.length > 0 || !(prefix <= most))
    throw new RangeError(`not an address range: ${range}`);
  return { address, family, prefix };
}

/** `::ffff:10.0.0.1` is what a dual-stack socket calls 10.0.0.1. */
function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address;
}
