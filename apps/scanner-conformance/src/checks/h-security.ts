import { ScannerMediaType } from '@breakwater/scanner-spec';
import { type Exchange, describe } from '../adapter/exchange.js';
import { type Kit, type Scan, describeScan, isHonestFailure, isRefusal, reportPath } from '../kit.js';
import { describeRequest } from '../registry/request-log.js';
import { checks, failed, notApplicable, passed, verdictOf } from './check.js';
import { EVERYWHERE, ROBUST, except } from './profile.js';

const SOURCE = 'good practice';

export const SECURITY_CHECKS = checks([
  {
    id: 'H1',
    title: 'lets nobody in without the credentials that it was set up with',
    asked: 'all three operations without credentials, and with wrong ones',
    source: 'pluggable scanner spec, security schemes Basic and Bearer',
    advice: 'Check credentials before the route is looked at, on all routes of the API; answer 401.',
    required: EVERYWHERE,
    async run(kit) {
      const { authorization } = kit.adapter;
      if (Object.keys(authorization).length === 0) return notApplicable('no --authorization was given');
      const { id } = await kit.mainScan();
      const exchanges = [...(await askAll(kit, id, {})), ...(await askAll(kit, id, wrong(authorization)))];
      const bad = exchanges.filter(({ status }) => status !== 401 && status !== 403);
      return verdictOf(bad.map(describe), `${exchanges.length} refusals`);
    },
  },
  {
    id: 'H2',
    title: 'checks the certificate of the registry unless it is told not to',
    asked: 'a scan at https:// with a certificate that nobody vouches for, without insecure',
    source: 'ScanRequest.registry.insecure, Harbor’s extension',
    advice: 'Refuse the connection; only "insecure": true takes away the check.',
    required: ROBUST,
    advised: except('robust'),
    async run(kit) {
      const scan = await kit.scan('debian', { site: 'tls', change: (request) => withInsecure(request, false) });
      const seen = scan.repository.requests();
      const came = describeScan(scan, kit.tooLate);
      if (seen.length > 0) return failed([`${came}; asked all the same:`, ...seen.map(describeRequest)].join('\n'));
      return isHonestFailure(scan) ? passed(came) : failed(came);
    },
  },
  {
    id: 'H3',
    title: 'takes any certificate when it is told to',
    asked: 'a scan at https:// with a certificate that nobody vouches for, with insecure: true',
    source: 'ScanRequest.registry.insecure, Harbor’s extension',
    advice: 'Registries of laboratories set it; do not ask for a setting of the adapter beside it.',
    required: [],
    advised: EVERYWHERE,
    async run(kit) {
      const scan = await kit.scan('debian', { site: 'tls', change: (request) => withInsecure(request, true) });
      const came = describeScan(scan, kit.tooLate);
      return scan.last?.status === 200 ? passed(came) : failed(came);
    },
  },
  {
    id: 'H4',
    title: 'fetches nothing from the metadata address of a cloud',
    asked: 'a scan at http://169.254.169.254',
    source: SOURCE,
    advice: 'Refuse link-local addresses unless somebody has allowed them, with 422 or with 500 and a reason.',
    required: ROBUST,
    advised: except('robust'),
    async run(kit) {
      const scan = await kit.scan('debian', {
        change: (request) => ({ ...request, registry: { ...request.registry, url: 'http://169.254.169.254' } }),
      });
      const came = describeScan(scan, kit.tooLate);
      return isHonestFailure(scan) ? passed(came) : failed(came);
    },
  },
  {
    id: 'H5',
    title: 'takes http and https for registries and nothing else',
    asked: 'POST /api/v1/scan with registry.url file:///etc, ftp://…, gopher://…',
    source: 'pluggable scanner spec, POST /scan, 422',
    advice: 'Refuse other schemes with 422.',
    required: ROBUST,
    advised: except('robust'),
    async run(kit) {
      const request = await kit.requestFor(kit.host('debian'));
      const exchanges: Exchange[] = [];
      for (const url of ['file:///etc', 'ftp://registry.invalid', 'gopher://registry.invalid:70'])
        exchanges.push(await kit.submit({ ...request, registry: { ...request.registry, url } }));
      return verdictOf(
        exchanges.filter((exchange) => !isRefusal(exchange)).map(describe),
        exchanges.map(describe).join('\n'),
      );
    },
  },
]);

/** Made after all others: they look at everything that the adapter has said. */
export const SECURITY_CHECKS_OF_THE_WHOLE_RUN = checks([
  {
    id: 'H6',
    title: 'says no credentials, neither in reports nor in errors',
    asked: 'all answers of this run, also to scans that fail',
    source: SOURCE,
    advice: 'Take credentials out of what commands and libraries report before it is passed on.',
    required: EVERYWHERE,
    async run(kit) {
      await kit.scan('debian', { behaviour: { isMissing: true } });
      await kit.scan('debian', { behaviour: { refuseWith: 401 } });
      const secrets = secretsOf(kit);
      const bad = kit.adapter.exchanges.filter((exchange) => holds(exchange, secrets));
      // Not described in full: the message itself holds the secret.
      return verdictOf(
        bad.map(({ method, path, status }) => `${method} ${path} → ${status} holds a credential`),
        `${kit.adapter.exchanges.length} answers, ${secrets.length} secrets looked for`,
      );
    },
  },
  {
    id: 'H7',
    title: 'says no credentials in metrics and probes',
    asked: 'GET /metrics, /probe/healthy, /probe/ready, /healthz',
    source: SOURCE,
    advice: 'Labels of metrics are read by many; leave addresses with credentials out.',
    required: ROBUST,
    advised: except('robust'),
    async run(kit) {
      await kit.mainScan();
      const paths = ['/metrics', '/probe/healthy', '/probe/ready', '/healthz'];
      const exchanges = await Promise.all(paths.map((path) => kit.adapter.ask(path, { isProbe: true })));
      const served = exchanges.filter(({ status }) => status === 200);
      if (served.length === 0) return notApplicable('the adapter serves none of them');
      const secrets = secretsOf(kit);
      return verdictOf(
        served.filter((exchange) => holds(exchange, secrets)).map(({ path }) => `${path} holds a credential`),
        served.map(({ path }) => path).join(', '),
      );
    },
  },
]);

function askAll(kit: Kit, id: string, authorization: Readonly<Record<string, string>>): Promise<Exchange[]> {
  const { adapter } = kit;
  return Promise.all([
    adapter.ask('/api/v1/metadata', { headers: { Accept: ScannerMediaType.METADATA }, authorization, isProbe: true }),
    adapter.ask('/api/v1/scan', {
      method: 'POST',
      headers: { 'Content-Type': kit.requestType },
      body: '{}',
      authorization,
      isProbe: true,
    }),
    adapter.ask(reportPath(id, { sbomFormat: null }), { authorization, isProbe: true }),
  ]);
}

/** The same headers with other values, of the same scheme. */
function wrong(authorization: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(authorization).map(([name, value]) => {
      const [scheme, credentials] = value.split(' ', 2);
      return [name, credentials === undefined ? 'wrong' : `${scheme} d3Jvbmc6d3Jvbmc=`];
    }),
  );
}

function withInsecure(request: Scan['request'], insecure: boolean): Scan['request'] {
  return { ...request, registry: { ...request.registry, insecure } };
}

function secretsOf(kit: Kit): string[] {
  const own = Object.values(kit.adapter.authorization).map((value) => value.split(' ').at(-1) ?? value);
  return [...own, ...[...kit.registry.repositories.values()].flatMap((repository) => repository.secrets())];
}

function holds({ body, headers }: Exchange, secrets: readonly string[]): boolean {
  const text = `${JSON.stringify(headers)}\n${body.toString()}`;
  return secrets.some((secret) => text.includes(secret));
}
