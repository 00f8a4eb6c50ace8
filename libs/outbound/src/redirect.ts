import { OutboundRedirectError } from './outbound.errors.js';
import type { OutboundRequest } from './outbound-request.js';

/** One call of a chain of redirects. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: OutboundRequest['body'];
}

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/**
 * Where a redirect leads, and what goes along.
 *
 * @throws OutboundRedirectError  when it leads nowhere, from https to http, or would carry a body to another origin.
 */
export function nextHop(hop: Hop, status: number, location: string | undefined): Hop {
  const { host } = hop.url;
  if (!location || !URL.canParse(location, hop.url.href))
    throw new OutboundRedirectError(host, 'does not say where to');
  const url = new URL(location, hop.url);
  if (hop.url.protocol === 'https:' && url.protocol === 'http:')
    throw new OutboundRedirectError(host, 'the way leads from https to something less safe');
  if (!/^https?:$/.test(url.protocol)) throw new OutboundRedirectError(host, 'the way leads out of the web');
  const isSameOrigin = url.origin === hop.url.origin;
  const becomesGet = status === 303 || ((status === 301 || status === 302) && hop.method === 'POST');
  const body = becomesGet ? undefined : hop.body;
  if (body !== undefined && !isSameOrigin)
    throw new OutboundRedirectError(host, 'the body would go to another address');
  const isKept = (name: string): boolean =>
    isSameOrigin ? body !== undefined || !name.startsWith('content-') : HARMLESS.has(name);
  return {
    url,
    method: becomesGet && hop.method !== 'HEAD' ? 'GET' : hop.method,
    headers: Object.fromEntries(Object.entries(hop.headers).filter(([name]) => isKept(name))),
    body,
  };
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Credentials have many names: so only these go to another origin. */
const HARMLESS: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent']);
