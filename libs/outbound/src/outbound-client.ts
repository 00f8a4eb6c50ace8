import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import { AddressPolicy } from './addresses/address-policy.js';
import { CheckedLookup, type Resolve } from './addresses/checked-lookup.js';
import { CallDeadline } from './call-deadline.js';
import { Connections } from './connections/connections.js';
import { findProxy } from './connections/proxy-choice.js';
import { GuardedBody } from './guarded-body.js';
import {
  InvalidOutboundRequestError,
  OutboundRedirectError,
  OutboundTooLargeError,
  OutboundUnreachableError,
} from './outbound.errors.js';
import {
  DEFAULT_LIMITS,
  type OutboundLimits,
  type OutboundRequest,
  type OutboundResponse,
} from './outbound-request.js';
import type { OutboundOptions } from './outbound-options.js';
import { isRedirect, nextHop, type Hop } from './redirect.js';
import { translateError } from './translate-error.js';

/**
 * The one door for HTTP calls to addresses that users configure: scanners, webhooks, registries.
 *
 * It calls the open internet, and internal addresses that the installation allows. The name is resolved once, and the
 * connection goes to an address that was checked. Everything is bounded: the wait, the size, the connections.
 */
export class OutboundClient {
  private readonly policy: AddressPolicy;
  private readonly lookup: CheckedLookup;
  private readonly connections: Connections;

  /** @param resolve  for tests: names without a resolver. */
  constructor(
    private readonly options: OutboundOptions,
    resolve?: Resolve,
  ) {
    this.policy = new AddressPolicy(options.allow);
    this.lookup = new CheckedLookup(this.policy, resolve);
    this.connections = new Connections(this.lookup, options);
  }

  /**
   * Sends a request; resolves with the headers of the answer, whatever its status.
   *
   * @throws OutboundError  of the kind that says what to do; see outbound.errors.ts.
   */
  async send(request: OutboundRequest): Promise<OutboundResponse> {
    const limits: OutboundLimits = { ...DEFAULT_LIMITS, ...request.limits };
    let hop = firstHop(request);
    const deadline = new CallDeadline(hop.url.host, limits.deadlineMs, request.signal);
    try {
      for (let redirects = 0; ; redirects++) {
        const answer = await this.call(hop, request, limits, deadline);
        const headers = headersOf(answer);
        if (!isRedirect(answer.statusCode) || !request.maxRedirects)
          return respond(hop, answer, headers, limits, deadline);
        answer.body.on('error', () => undefined).destroy();
        if (redirects >= request.maxRedirects)
          throw new OutboundRedirectError(hop.url.host, `it did so more than ${request.maxRedirects} times`);
        hop = nextHop(hop, answer.statusCode, headers['location']);
      }
    } catch (error) {
      deadline.release();
      throw deadline.reason ?? translateError(error, hop.url.host, limits, this.options.connectTimeoutMs);
    }
  }

  /**
   * Whether this address may be called, for telling it when it is configured and not only when it is used. A name that
   * does not resolve now passes: each call checks anew.
   *
   * @throws InvalidOutboundRequestError, OutboundAddressRefusedError
   */
  async check(url: string | URL): Promise<void> {
    const { hostname } = parseUrl(url);
    const host = withoutBrackets(hostname);
    if (isIP(host) !== 0) return this.refuseLiteral(host);
    try {
      await this.lookup.addressesOf(host);
    } catch (error) {
      if (!(error instanceof OutboundUnreachableError)) throw error;
    }
  }

  /** Ends all calls and connections. */
  async close(): Promise<void> {
    await this.connections.close();
  }

  private async call(
    hop: Hop,
    { tls = {} }: OutboundRequest,
    limits: OutboundLimits,
    deadline: CallDeadline,
  ): Promise<Dispatcher.ResponseData> {
    if (deadline.reason) throw deadline.reason;
    const { url, method, headers, body } = hop;
    const proxyUrl = findProxy(url, this.options.proxy);
    const host = withoutBrackets(url.hostname);
    // A connection to an address asks no resolver.
    if (isIP(host) !== 0) this.refuseLiteral(host);
    // The proxy resolves the name; what we can tell of it, we do.
    else if (proxyUrl !== null) await this.check(url);
    const dispatcher = this.connections.for(tls, proxyUrl, url.protocol);
    const ask = (): Promise<Dispatcher.ResponseData> =>
      dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: method,
        headers,
        body: body ?? null,
        signal: deadline.signal,
        headersTimeout: limits.headersTimeoutMs,
        bodyTimeout: limits.idleTimeoutMs,
      });
    try {
      return await ask();
    } catch (error) {
      // The other side closed a kept connection just as we used it. A read may be asked again.
      const isStale = (error as { code?: unknown }).code === 'UND_ERR_SOCKET' && deadline.reason === null;
      if (isStale && (method === 'GET' || method === 'HEAD')) return ask();
      throw error;
    }
  }

  private refuseLiteral(host: string): void {
    const refusal = this.policy.findRefusal(host, host);
    if (refusal) throw refusal;
  }
}

function respond(
  { url }: Hop,
  answer: Dispatcher.ResponseData,
  headers: Readonly<Record<string, string>>,
  limits: OutboundLimits,
  deadline: CallDeadline,
): OutboundResponse {
  const tooLarge = (): OutboundTooLargeError => new OutboundTooLargeError(url.host, limits.maxResponseBytes);
  if (Number(headers['content-length'] ?? 0) > limits.maxResponseBytes) {
    answer.body.on('error', () => undefined).destroy();
    throw tooLarge();
  }
  const body = new GuardedBody(answer.body, {
    maxBytes: limits.maxResponseBytes,
    tooLarge,
    translate: (error) => deadline.reason ?? translateError(error, url.host, limits),
    onClosed: () => deadline.release(),
  });
  return { status: answer.statusCode, headers, body, url };
}

function firstHop({ url: given, method, headers = {}, body }: OutboundRequest): Hop {
  const url = parseUrl(given);
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const kept: Record<string, string> = Object.fromEntries(own.filter(([name]) => !OURS.has(name)));
  if (url.username !== '' || url.password !== '') {
    const pair = `${decoded(url.username)}:${decoded(url.password)}`;
    kept['authorization'] ??= `Basic ${Buffer.from(pair).toString('base64')}`;
    url.username = '';
    url.password = '';
  }
  return { url, method: method.toUpperCase(), headers: { 'user-agent': USER_AGENT, ...kept }, body };
}

/** A copy. */
function parseUrl(text: string | URL): URL {
  if (!URL.canParse(String(text))) throw new InvalidOutboundRequestError('the address is no URL');
  const url = new URL(String(text));
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new InvalidOutboundRequestError('the address is neither http nor https');
  return url;
}

function headersOf(answer: Dispatcher.ResponseData): Readonly<Record<string, string>> {
  const entries = Object.entries(answer.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return Object.fromEntries(entries);
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** A `%` that begins no escape stands for itself. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escaped) =>
    Buffer.from(escaped.replaceAll('%', ''), 'hex').toString(),
  );
}

const USER_AGENT = 'breakwater';
const OURS: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'expect']);
