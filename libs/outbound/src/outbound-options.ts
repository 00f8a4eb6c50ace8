/** What the installation says about calls to the outside; `OutboundConfig` of libs/config makes it. */
export interface OutboundOptions {
  /** Addresses, CIDR ranges and host names that may be called though they are internal. */
  readonly allow: readonly string[];
  /** PEM; trusted beside the system's authorities. */
  readonly ca?: string;
  /** From the first look at the name to the end of the TLS handshake. */
  readonly connectTimeoutMs?: number;
  /** Connections to one origin; further calls wait. */
  readonly maxConnectionsPerOrigin?: number;
  readonly proxy?: OutboundProxy;
}

export interface OutboundProxy {
  /** For https targets. */
  readonly httpsUrl: string | null;
  /** For http targets. */
  readonly httpUrl: string | null;
  /** Host names, `.suffixes`, addresses and ranges that are called directly; `*` for all. */
  readonly except: readonly string[];
}
