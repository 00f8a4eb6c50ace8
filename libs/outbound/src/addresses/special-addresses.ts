import ipaddr from 'ipaddr.js';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;
export type AddressRange = readonly [IpAddress, number];

/**
 * What kind of address that must not be called by default this is; null for one of the open internet.
 *
 * @param address  see `effectiveAddress`.
 * @see IANA's registries of special-purpose addresses for IPv4 and IPv6.
 */
export function findSpecialPurpose(address: IpAddress): string | null {
  const ranges = address.kind() === 'ipv4' ? SPECIAL_IPV4 : SPECIAL_IPV6;
  const special = ranges.find(([range]) => isWithin(address, range));
  if (special) return special[1];
  // IPv6 addresses of the internet are all in one block; what is not has no business being called.
  return address.kind() === 'ipv6' && !isWithin(address, GLOBAL_UNICAST) ? 'a reserved address' : null;
}

/**
 * The address that a connection would really reach: an IPv4 address that is written inside an IPv6 one (mapped, NAT64,
 * 6to4, compatible) is that IPv4 address.
 */
export function effectiveAddress(address: IpAddress): IpAddress {
  if (address.kind() === 'ipv4') return address;
  const bytes = address.toByteArray();
  const offset = EMBEDDED_IPV4.find(([range]) => isWithin(address, range))?.[1];
  // `::` and `::1` are in the block of compatible addresses, and no IPv4 addresses.
  if (offset === undefined || bytes.every((byte, index) => byte === 0 || (index === 15 && byte === 1))) return address;
  return new ipaddr.IPv4(bytes.slice(offset, offset + 4));
}

/** @throws Error  for a text that is no address in its usual form, or no range. */
export function parseRange(text: string): AddressRange {
  const range: AddressRange = text.includes('/') ? ipaddr.parseCIDR(text) : whole(ipaddr.parse(text));
  return range;
}

export function isWithin(address: IpAddress, [base, bits]: AddressRange): boolean {
  if (address.kind() !== base.kind()) return false;
  const [a, b] = [address.toByteArray(), base.toByteArray()];
  return a.every((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - 8 * index));
    return byte >> (8 - kept) === (b[index] ?? 0) >> (8 - kept);
  });
}

function whole(address: IpAddress): AddressRange {
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

const specials = (table: Readonly<Record<string, string>>): readonly (readonly [AddressRange, string])[] =>
  Object.entries(table).map(([range, purpose]) => [parseRange(range), purpose] as const);

const SPECIAL_IPV4 = specials({
  '0.0.0.0/8': 'this machine itself',
  '10.0.0.0/8': 'an address of a private network',
  '100.64.0.0/10': 'an address of a carrier’s private network',
  '127.0.0.0/8': 'this machine itself (loopback)',
  // Azure answers questions about the machine there.
  '168.63.129.16/32': 'a metadata service of the platform',
  '169.254.0.0/16': 'a link-local address, where platforms have their metadata service',
  '172.16.0.0/12': 'an address of a private network',
  '192.0.0.0/24': 'a reserved address',
  '192.0.2.0/24': 'an address for documentation',
  '192.88.99.0/24': 'a reserved address',
  '192.168.0.0/16': 'an address of a private network',
  '198.18.0.0/15': 'an address for measurements',
  '198.51.100.0/24': 'an address for documentation',
  '203.0.113.0/24': 'an address for documentation',
  '224.0.0.0/4': 'a multicast address',
  '240.0.0.0/4': 'a reserved address',
});

const SPECIAL_IPV6 = specials({
  '::/128': 'this machine itself',
  '::1/128': 'this machine itself (loopback)',
  '64:ff9b:1::/48': 'an address of a private network',
  '100::/64': 'a reserved address',
  '2001::/23': 'a reserved address',
  '2001:db8::/32': 'an address for documentation',
  '3fff::/20': 'an address for documentation',
  'fc00::/7': 'an address of a private network',
  'fe80::/10': 'a link-local address',
  'fec0::/10': 'an address of a private network',
  'ff00::/8': 'a multicast address',
});

const GLOBAL_UNICAST = parseRange('2000::/3');

/** Ranges of IPv6 that hold an IPv4 address, and the byte at which it begins. */
const EMBEDDED_IPV4: readonly (readonly [AddressRange, number])[] = [
  [parseRange('::ffff:0:0/96'), 12],
  [parseRange('::ffff:0:0:0/96'), 12],
  [parseRange('::/96'), 12],
  [parseRange('64:ff9b::/96'), 12],
  [parseRange('2002::/16'), 2],
];
