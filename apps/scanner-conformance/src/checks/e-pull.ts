import { type Kit, type Scan, type ScanSettings, describeScan } from '../kit.js';
import { type LoggedRequest, describeRequest } from '../registry/request-log.js';
import { BlockedError } from './blocked.error.js';
import { type Check, type Verdict, checks, failed, notApplicable, passed, verdictOf } from './check.js';
import { EVERYWHERE, ROBUST, SINCE_1_0, except } from './profile.js';

const SOURCE = 'pluggable scanner spec, ScanRequest.registry';
const DISTRIBUTION = 'OCI distribution specification';
const MOST_PULLS_OF_A_BLOB = 3;

/** What the fixture registry sees of an adapter. */
export const PULL_CHECKS = checks([
  {
    id: 'E1',
    title: 'pulls by digest, never by tag',
    asked: 'a scan of digest and tag',
    source: 'pluggable scanner spec, Artifact.digest: the tag may have moved on',
    advice: 'Ask for repository@digest; the tag in the request is for reports that people read.',
    required: EVERYWHERE,
    async run(kit) {
      const { repository } = await pulledScan(kit);
      const manifests = repository.requests().filter(({ kind }) => kind === 'manifest');
      const byTag = manifests.filter(({ reference }) => !reference?.includes(':'));
      return verdictOf(byTag.map(describeRequest), manifests.map(describeRequest).join('\n'));
    },
  },
  pull('E2', 'follows a redirect of the registry to its storage', {
    source: `${DISTRIBUTION}, pulling blobs: 307`,
    advice: 'Follow redirects of GET for blobs; most registries in clouds answer with them.',
    settings: { behaviour: { isRedirecting: true } },
  }),
  {
    id: 'E3',
    title: 'keeps its credentials from the storage host',
    asked: 'a scan where blobs are answered by 307 to another host',
    source: `${SOURCE}.authorization: for registry.url; RFC 9110, 15.4`,
    advice:
      'Leave Authorization out when a redirect leads to another host or port; storage refuses such requests, or learns a secret.',
    required: EVERYWHERE,
    async run(kit) {
      const { repository } = await redirectedScan(kit);
      const stored = repository.requests().filter(({ kind }) => kind === 'stored-blob');
      if (stored.length === 0) return notApplicable('the adapter did not follow the redirect; see E2');
      const bad = stored.filter(({ authorization }) => authorization !== null);
      return verdictOf(bad.map(describeRequest), stored.map(describeRequest).join('\n'));
    },
  },
  whereBasic({
    id: 'E4',
    title: 'sends the given Basic credentials to the registry',
    asked: 'a scan at a registry that asks for Basic',
    source: `${SOURCE}.authorization`,
    advice: 'Send the value as it is: some registries answer with Basic, and never with a token service.',
    required: EVERYWHERE,
    async run(kit) {
      const scan = await pulledScan(kit);
      const given = scan.repository.basic();
      const requests = scan.repository.requests();
      return requests.some(({ authorization, site }) => site === 'basic' && authorization === given)
        ? passed(`${requests.length} requests`)
        : failed(requests.map(describeRequest).join('\n'));
    },
  }),
  whereBasic(
    pull('E5', 'fetches a token where the registry asks for one', {
      source: `${DISTRIBUTION}, token authentication`,
      advice: 'Read realm, service and scope of WWW-Authenticate: Bearer, ask there with the Basic credentials.',
      settings: { site: 'token' },
    }),
  ),
  whereBasic(
    pull('E6', 'fetches the token from a realm at another host', {
      source: `${DISTRIBUTION}, token authentication: realm`,
      advice: 'The realm is any address; it need not be the registry’s host.',
      settings: { site: 'token-elsewhere' },
    }),
  ),
  whereBasic(
    pull('E7', 'understands a realm without a host', {
      source: 'RFC 3986, 5: a reference is resolved against where it stands',
      advice: 'Resolve the realm against the address of the registry.',
      required: [],
      advised: ROBUST,
      settings: { site: 'token-relative' },
    }),
  ),
  {
    id: 'E8',
    title: 'uses a given Bearer token as it is',
    asked: 'a scan with Authorization: Bearer …',
    source: `${SOURCE}.authorization, property registry-authorization-type`,
    advice: 'The token is for this repository already: send it to /v2 and do not sign in anywhere.',
    required: EVERYWHERE,
    async run(kit) {
      if ((await kit.declared()).authorizationType !== 'Bearer') return notApplicable('the adapter wants Basic');
      const { repository } = await pulledScan(kit);
      const logins = repository.requests().filter(({ kind }) => kind === 'token');
      return verdictOf(logins.map(describeRequest), `${repository.requests().length} requests, no sign-in`);
    },
  },
  whereBasic(
    pull('E9', 'keeps a password with colons and letters beyond ASCII', {
      source: 'RFC 7617, 2: the user ends at the first colon',
      advice: 'Split at the first colon only, or better: do not take the credentials apart.',
      required: except('harbor-strict'),
      settings: { behaviour: { credentials: { username: 'scanner$ci', password: 'a:b::ü-€-密' } } },
    }),
  ),
  {
    ...pull('E10', 'knows repositories with many parts', {
      source: `${DISTRIBUTION}, name of a repository`,
      advice: 'Do not expect project/name: any number of parts may follow.',
      settings: {},
    }),
    run: async (kit) => reportOf(kit, await kit.scan('debian', {}, 'conformance/team-a/area_b/service.c/app')),
  },
  pull('E11', 'finds a registry below a path', {
    source: `${SOURCE}.url: any base address`,
    advice: 'Put /v2 behind the whole of registry.url, not only behind its host.',
    required: [],
    advised: ROBUST,
    settings: { behaviour: { pathPrefix: '/mirror' } },
  }),
  pull('E12', 'pulls without credentials when it is given none', {
    source: `${SOURCE}.authorization is optional`,
    advice: 'Leave Authorization out when the request has none.',
    required: SINCE_1_0,
    settings: { site: 'anonymous' },
  }),
  {
    id: 'E13',
    title: 'waits and asks again when the registry says 429',
    asked: 'a scan where the manifest is answered by 429 with Retry-After: 1 once',
    source: 'RFC 6585, 4; RFC 9110, 10.2.3',
    advice: 'Wait for as long as Retry-After says, then try again, a few times.',
    required: ROBUST,
    advised: except('robust'),
    async run(kit) {
      const retryAfterSeconds = 1;
      const scan = await kit.scan('debian', { behaviour: { tooManyRequests: { count: 1, retryAfterSeconds } } });
      const verdict = reportOf(kit, scan);
      const manifests = scan.repository.requests().filter(({ kind }) => kind === 'manifest');
      const hasty = manifests.filter((request, index) => {
        const before = manifests[index - 1];
        return before?.status === 429 && request.at - before.at < retryAfterSeconds * 900;
      });
      return verdict.outcome === 'passed' && hasty.length > 0
        ? failed(hasty.map((request) => `too early: ${describeRequest(request)}`).join('\n'))
        : verdict;
    },
  },
  {
    id: 'E14',
    title: `pulls a blob ${MOST_PULLS_OF_A_BLOB} times at most`,
    asked: 'a scan of an ordinary image',
    source: 'good practice',
    advice: 'Keep a layer while its image is scanned.',
    required: ROBUST,
    advised: except('robust'),
    async run(kit) {
      const { repository } = await pulledScan(kit);
      const counts = new Map<string, number>();
      for (const { kind, method, reference } of repository.requests())
        if (kind === 'blob' && method === 'GET') counts.set(reference ?? '', (counts.get(reference ?? '') ?? 0) + 1);
      const often = [...counts].filter(([, count]) => count > MOST_PULLS_OF_A_BLOB);
      return verdictOf(
        often.map(([digest, count]) => `${digest} ${count} times`),
        `${counts.size} blobs, each at most ${Math.max(0, ...counts.values())} times`,
      );
    },
  },
]);

/** Made after all others: it looks at everything that was asked of the fixture registry. */
export const PULL_CHECKS_OF_THE_WHOLE_RUN = checks([
  {
    id: 'E15',
    title: 'pushes nothing',
    asked: 'all scans of this run',
    source: 'pluggable scanner spec: the registry stores reports and SBOMs itself',
    advice: 'Only GET and HEAD: the credentials of a scan are for pulling.',
    required: EVERYWHERE,
    async run(kit) {
      await kit.mainScan();
      const writes = kit.registry.log.entries.filter(isWrite);
      return verdictOf(writes.map(describeRequest), `${kit.registry.log.entries.length} requests, none of them writes`);
    },
  },
]);

interface Pull {
  source: string;
  advice: string;
  required?: Check['required'];
  advised?: Check['required'];
  settings: ScanSettings;
}

/** A check that a scan at a registry of some kind ends with a report. */
function pull(id: Check['id'], title: string, options: Pull): Check {
  const { source, advice, required = EVERYWHERE, advised = except(...required), settings } = options;
  const isRedirected = settings.behaviour?.isRedirecting === true;
  return {
    id,
    title,
    asked: `a scan at such a registry; ${title}`,
    source,
    advice,
    required,
    advised,
    run: async (kit) => reportOf(kit, isRedirected ? await redirectedScan(kit) : await kit.scan('debian', settings)),
  };
}

function whereBasic(check: Check): Check {
  return {
    ...check,
    async run(kit) {
      if ((await kit.declared()).authorizationType !== 'Basic') return notApplicable('the adapter wants Bearer');
      return check.run(kit);
    },
  };
}

function redirectedScan(kit: Kit): Promise<Scan> {
  return kit.once('redirected scan', () => kit.scan('debian', { behaviour: { isRedirecting: true } }));
}

/** The main scan, if the adapter asked the fixture registry for anything. */
async function pulledScan(kit: Kit): Promise<Scan> {
  const scan = await kit.mainScan();
  if (scan.repository.requests().length > 0) return scan;
  throw new BlockedError('C1', 'nothing reached the fixture registry; see --registry-address');
}

function reportOf(kit: Kit, scan: Scan): Verdict {
  const requests = scan.repository.requests();
  const came = describeScan(scan, kit.tooLate);
  if (scan.last?.status === 200 && requests.some(isOfManifest)) return passed(came);
  return failed([came, 'the registry saw:', ...requests.slice(-5).map(describeRequest)].join('\n'));
}

function isOfManifest({ kind, status }: LoggedRequest): boolean {
  return kind === 'manifest' && status === 200;
}

/** A token may be fetched by POST. */
function isWrite({ method, kind }: LoggedRequest): boolean {
  return method !== 'GET' && method !== 'HEAD' && kind !== 'token';
}
