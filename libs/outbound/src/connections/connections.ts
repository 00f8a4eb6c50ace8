import { createHash } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import type { CheckedLookup } from '../addresses/checked-lookup.js';
import type { OutboundTls } from '../outbound-request.js';
import type { OutboundOptions } from '../outbound-options.js';

export const DEFAULT_CONNECT_TIMEOUT_MS = 5000;

/**
 * Pools of connections, one set for each way to do TLS and each proxy: a connection that was made without looking at
 * the certificate is never used by a call that asks for a look.
 */
export class Connections {
  private readonly pools = new Map<string, Dispatcher>();
  private readonly ca: readonly string[];

  constructor(
    private readonly lookup: CheckedLookup,
    private readonly options: OutboundOptions,
  ) {
    this.ca = options.ca === undefined ? [] : [options.ca];
  }

  /** @param proxyUrl  null: directly. */
  for(tls: OutboundTls, proxyUrl: string | null, protocol: string): Dispatcher {
    const key = keyOf(tls, proxyUrl, proxyUrl === null ? '' : protocol);
    const known = this.pools.get(key);
    // Moved to the end: the first of the map is the one that was not used for longest.
    this.pools.delete(key);
    const pool = known ?? this.create(tls, proxyUrl, protocol);
    this.pools.set(key, pool);
    this.forgetOldest();
    return pool;
  }

  /** Ends every call that is under way. */
  async close(): Promise<void> {
    const pools = [...this.pools.values()];
    this.pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  private create(tls: OutboundTls, proxyUrl: string | null, protocol: string): Dispatcher {
    const { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, maxConnectionsPerOrigin = 64 } = this.options;
    const certificates = tls.ca === undefined ? this.ca : [...this.ca, tls.ca];
    const security = {
      rejectUnauthorized: tls.isVerified !== false,
      ...(certificates.length === 0 ? {} : { ca: [...getCACertificates('default'), ...certificates] }),
    };
    const pooling = {
      connections: maxConnectionsPerOrigin,
      pipelining: 1,
      // Servers close idle connections after 5 s or more; we are first, so that no call meets a closing one.
      keepAliveTimeout: 4000,
      keepAliveMaxTimeout: 30_000,
    };
    if (proxyUrl === null)
      return new Agent({
        ...pooling,
        connect: { ...security, timeout: connectTimeoutMs, lookup: this.lookup.lookup },
      });
    return new ProxyAgent({
      ...pooling,
      uri: proxyUrl,
      // Many proxies open tunnels to 443 only.
      proxyTunnel: protocol === 'https:',
      requestTls: { ...security, timeout: connectTimeoutMs },
      proxyTls: { timeout: connectTimeoutMs },
    });
  }

  /** Closed in peace: its calls come to their end. */
  private forgetOldest(): void {
    const [oldest] = this.pools;
    if (oldest === undefined || this.pools.size <= MOST_POOLS) return;
    this.pools.delete(oldest[0]);
    // Nobody waits for it; a failure of its connections is told by the calls that are on them.
    oldest[1].close().catch(() => undefined);
  }
}

const MOST_POOLS = 32;

function keyOf({ isVerified = true, ca = '' }: OutboundTls, proxyUrl: string | null, protocol: string): string {
  const hash = createHash('sha256').update(ca).digest('hex');
  return JSON.stringify([isVerified, hash, proxyUrl, protocol]);
}
