import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { OutboundAddressRefusedError } from '../outbound.errors.js';
import { effectiveAddress, findSpecialPurpose, isWithin, parseRange, type AddressRange } from './special-addresses.js';

/**
 * Says which addresses may be called: those of the open internet, and what the installation allows beside them.
 *
 * An allowed range (`10.0.0.0/8`) allows addresses, however they were named; an allowed name (`scanner.internal`,
 * `*.svc.cluster.local`) allows whatever that name resolves to.
 */
export class AddressPolicy {
  private readonly ranges: readonly AddressRange[];
  private readonly names: ReadonlySet<string>;
  private readonly suffixes: readonly string[];

  /** @param allowed  addresses, CIDR ranges, host names, and `*.` host names. */
  constructor(allowed: readonly string[]) {
    const isAddress = (entry: string): boolean => isIP(entry.split('/')[0] ?? '') !== 0;
    const names = allowed.filter((entry) => !isAddress(entry)).map(hostKey);
    this.ranges = allowed.filter(isAddress).map(parseRange);
    this.names = new Set(names.filter((name) => !name.startsWith('*.')));
    this.suffixes = names.filter((name) => name.startsWith('*.')).map((name) => name.slice(1));
  }

  /**
   * Why a connection for `host` must not go to `address`; null when it may.
   *
   * @param host  as the URL has it: a name, or an address itself.
   */
  findRefusal(host: string, address: string): OutboundAddressRefusedError | null {
    if (this.allowsName(host)) return null;
    // Node's own check first: ipaddr.js would also take `0x7f.1`, which no resolver and no URL hands to us.
    if (isIP(address) === 0) return new OutboundAddressRefusedError(host, 'no address');
    // An interface's name is behind the `%` of a link-local address.
    const literal = ipaddr.parse(address.split('%')[0] ?? '');
    const effective = effectiveAddress(literal);
    if (this.ranges.some((range) => isWithin(effective, range) || isWithin(literal, range))) return null;
    const purpose = findSpecialPurpose(effective);
    return purpose === null ? null : new OutboundAddressRefusedError(host, purpose);
  }

  allowsName(host: string): boolean {
    const name = hostKey(host);
    return this.names.has(name) || this.suffixes.some((suffix) => name.endsWith(suffix) && name !== suffix);
  }
}

/** Names are the same in any case, and with the dot of the root behind them. */
function hostKey(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
