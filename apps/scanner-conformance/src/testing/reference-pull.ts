import http from 'node:http';
import https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { ScanRequest } from '@breakwater/scanner-spec';
import type { Manners } from './manners.js';

export interface Pulled {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** One request to the registry of a scan, with tokens, redirects and patience. @throws Error when it is not answered 200. */
export async function pull(
  request: ScanRequest,
  what: string,
  manners: Partial<Manners>,
  signal: AbortSignal,
  method = 'GET',
): Promise<Pulled> {
  const url = addressOf(request, what, manners);
  let authorization = credentialsOf(request, manners);
  const ask = (address: URL, value: string | null): Promise<Pulled> =>
    send(address, value, { method, signal, isInsecure: trustsAll(request, manners) });
  if (manners.signsInWithBearer)
    await ask(new URL(`/token?scope=repository:${request.artifact.repository}:pull`, url), authorization);
  let answer = await ask(url, authorization);
  for (let tries = 0; answer.status === 429 && tries < 3 && !manners.givesUpOn429; tries++) {
    if (!manners.doesNotWaitOn429) await pause(Number(answer.headers['retry-after']) * 1000, null, { signal });
    answer = await ask(url, authorization);
  }
  if (answer.status === 401 && /^bearer /i.test(answer.headers['www-authenticate'] ?? '') && !manners.knowsNoTokens) {
    authorization = await fetchToken(answer.headers['www-authenticate'] ?? '', url, authorization, ask, manners);
    answer = await ask(url, authorization);
  }
  if (answer.status === 307 && answer.headers.location && !manners.ignoresRedirects)
    answer = await ask(new URL(answer.headers.location, url), manners.sendsCredentialsToStorage ? authorization : null);
  if (answer.status !== 200 && method === 'GET')
    throw new Error(`${what.split('/')[0]}: the registry says ${answer.status}`);
  return answer;
}

function addressOf({ registry, artifact }: ScanRequest, what: string, manners: Partial<Manners>): URL {
  const base = manners.forgetsPath ? new URL(registry.url).origin : registry.url.replace(/\/$/, '');
  const name = manners.keepsTwoPartsOfName ? artifact.repository.split('/').slice(0, 2).join('/') : artifact.repository;
  const url = new URL(`${base}/v2/${name}/${what}`);
  if (url.hostname.startsWith('169.254.')) throw new Error('link-local addresses are not allowed');
  return url;
}

function credentialsOf({ registry }: ScanRequest, manners: Partial<Manners>): string | null {
  if (manners.dropsCredentials) return null;
  if (registry.authorization === undefined && manners.sendsCredentialsUnasked)
    throw new Error('credentials are missing');
  if (registry.authorization === undefined || !manners.cutsPasswordAtColon) return registry.authorization ?? null;
  const [user, password] = Buffer.from(registry.authorization.slice('Basic '.length), 'base64').toString().split(':');
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function trustsAll({ registry }: ScanRequest, manners: Partial<Manners>): boolean {
  return (registry.insecure === true && !manners.trustsNoCertificate) || manners.trustsAnyCertificate === true;
}

async function fetchToken(
  challenge: string,
  url: URL,
  authorization: string | null,
  ask: (url: URL, authorization: string | null) => Promise<Pulled>,
  manners: Partial<Manners>,
): Promise<string> {
  const part = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const realm = manners.needsHostInRealm ? new URL(part('realm')) : new URL(part('realm'), url);
  if (manners.knowsTokensOfOwnHostOnly && realm.host !== url.host) throw new Error('realm at another host');
  realm.searchParams.set('service', part('service'));
  realm.searchParams.set('scope', part('scope'));
  const answer = await ask(realm, authorization);
  if (answer.status !== 200) throw new Error(`the realm says ${answer.status}`);
  return `Bearer ${(JSON.parse(answer.body.toString()) as { token: string }).token}`;
}

function send(
  url: URL,
  authorization: string | null,
  { method, signal, isInsecure }: { method: string; signal: AbortSignal; isInsecure: boolean },
): Promise<Pulled> {
  return new Promise((resolve, reject) => {
    const headers = authorization === null ? {} : { Authorization: authorization };
    const options = { method, headers, signal, agent: false };
    const request =
      url.protocol === 'https:'
        ? https.request(url, { ...options, rejectUnauthorized: !isInsecure })
        : http.request(url, options);
    request.on('error', reject);
    request.on('response', (response) => {
      response
        .toArray()
        .then(
          (chunks: Buffer[]) =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
          reject,
        );
    });
    request.end();
  });
}
