import type { Readable } from 'node:stream';

export interface OutboundRequest {
  readonly method: string;
  /** http or https. A user and password in it become `Authorization: Basic`, unless there is one. */
  readonly url: string | URL;
  /** Names in any case. `host`, `content-length` and `transfer-encoding` are ours. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whole, so that it can be sent again after a redirect. */
  readonly body?: string | Uint8Array;
  /** Ends the call, the reading of the body included. */
  readonly signal?: AbortSignal;
  readonly limits?: Partial<OutboundLimits>;
  readonly tls?: OutboundTls;
  /**
   * How many redirects are followed; 0 (the default): a redirect is an answer like any other, for the caller to look
   * at. Each hop is checked as the first was; to another origin only harmless headers go along, and a body goes along
   * to the same origin only.
   */
  readonly maxRedirects?: number;
}

export interface OutboundLimits {
  /** From the end of the request to the headers of the answer. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of the body. */
  readonly idleTimeoutMs: number;
  /** From the call of `send` to the last byte, redirects included. */
  readonly deadlineMs: number;
  /** Of the body, as it comes over the line. */
  readonly maxResponseBytes: number;
}

export interface OutboundTls {
  /** False takes any certificate. */
  readonly isVerified?: boolean;
  /** PEM; trusted beside the system's authorities and those of the installation. */
  readonly ca?: string;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case; values of a repeated one joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Always read or destroy it: until then the connection is held, at most to the deadline. Ends with an
   * `OutboundError` when a limit is hit or the connection breaks. Not decompressed.
   */
  readonly body: Readable;
  /** Of the answer, after redirects. */
  readonly url: URL;
}

export const DEFAULT_LIMITS: OutboundLimits = {
  headersTimeoutMs: 15_000,
  idleTimeoutMs: 15_000,
  deadlineMs: 60_000,
  maxResponseBytes: 2 ** 20,
};
