import type { IncomingMessage } from 'node:http';
import type { TrustedProxies } from './trusted-proxies.js';

/** What may stand in a `Host` header: a name or an IPv4 address, or an IPv6 address in brackets, and a port. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i;

/** Where clients reach this installation, and what the proxies in front of us tell about the client. */
export class PublicOrigin {
  /** @param publicUrl  e.g. `https://registry.example.com`; null: derived from each request. */
  constructor(
    private readonly publicUrl: string | null,
    private readonly proxies: TrustedProxies,
  ) {}

  /**
   * Scheme, host and port as the client wrote them, e.g. `https://registry.example.com:8443`, without a path.
   * Null when the request does not name a believable host.
   */
  of(request: IncomingMessage): string | null {
    if (this.publicUrl !== null) return new URL(this.publicUrl).origin;
    const host = this.hostOf(request);
    return host === null ? null : `${this.schemeOf(request)}://${host}`;
  }

  schemeOf(request: IncomingMessage): 'http' | 'https' {
    const told = this.isFromProxy(request) ? first(request.headers['x-forwarded-proto'])?.toLowerCase() : undefined;
    if (told === 'http' || told === 'https') return told;
    return 'encrypted' in request.socket ? 'https' : 'http';
  }

  hostOf(request: IncomingMessage): string | null {
    const told = this.isFromProxy(request) ? first(request.headers['x-forwarded-host']) : undefined;
    const host = told ?? request.headers.host;
    return host !== undefined && HOST.test(host) ? host : null;
  }

  isFromProxy(request: IncomingMessage): boolean {
    return this.proxies.includes(request.socket.remoteAddress);
  }

  /** The nearest address that is not one of our own proxies. */
  clientAddressOf(request: IncomingMessage): string {
    const peer = request.socket.remoteAddress ?? '';
    if (!this.proxies.includes(peer)) return peer;
    const chain = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    const hops = chain.map((hop) => hop.trim()).filter((hop) => hop !== '');
    return hops.findLast((hop) => !this.proxies.includes(hop)) ?? hops[0] ?? peer;
  }
}

/** Proxies append to what they were given: the first value is the one next to the client. */
function first(value: string | string[] | undefined): string | undefined {
  return [value].flat()[0]?.split(',')[0]?.trim();
}
