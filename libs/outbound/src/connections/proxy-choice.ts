import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { isWithin, parseRange } from '../addresses/special-addresses.js';
import type { OutboundProxy } from '../outbound-options.js';

/** The proxy through which a URL is called; null: directly. This machine itself never is called through one. */
export function findProxy(url: URL, proxy: OutboundProxy | undefined): string | null {
  const chosen = (url.protocol === 'https:' ? proxy?.httpsUrl : proxy?.httpUrl) ?? null;
  if (chosen === null || proxy === undefined) return null;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const isLocal = host === 'localhost' || host.startsWith('127.') || host === '::1';
  return isLocal || proxy.except.some((entry) => isException(entry.trim().toLowerCase(), host)) ? null : chosen;
}

function isException(entry: string, host: string): boolean {
  if (entry === '*') return true;
  if (isIP(entry.split('/')[0] ?? '') !== 0) return isIP(host) !== 0 && isInRange(host, entry);
  const name = entry.replace(/^\*?\./, '');
  return name !== '' && (host === name || host.endsWith(`.${name}`));
}

/** The variable is everybody's, and one program's typing error in it is not worth a failing call. */
function isInRange(host: string, range: string): boolean {
  return ipaddr.isValidCIDR(range) || ipaddr.isValid(range) ? isWithin(ipaddr.parse(host), parseRange(range)) : false;
}
