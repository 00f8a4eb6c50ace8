import { isIPv4, isIPv6 } from 'node:net';

/**
 * What counts as one place that sign-ins come from: an IPv4 address, or the /64 that a provider gives to one
 * customer, as anybody there can use any of its 2^64 addresses. Text that is no address counts as it is.
 */
export function sourceKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  return isIPv6(address) ? `${firstGroups(address)}::/64` : address;
}

/** The first four groups of an IPv6 address, whatever its spelling: `2001:db8:0:1`. */
function firstGroups(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}

/** A dotted tail stands for two groups; its value is beyond the first four in every address but this. */
function groupsOf(text: string): string[] {
  return text.split(':').flatMap((group) => (group === '' ? [] : group.includes('.') ? ['0', '0'] : [group]));
}
