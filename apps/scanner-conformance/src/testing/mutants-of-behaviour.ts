import { setTimeout as pause } from 'node:timers/promises';
import { ScannerMediaType } from '@breakwater/scanner-spec';
import { ARTIFACT_CHECKS } from '../checks/f-artifacts.js';
import { type Mutant, accept, isMetadata, isReport, isSubmit, part, problem, replies, requestOf } from './mutants.js';
import type { Job, ReferenceAdapter } from './reference-adapter.js';
import type { Manners } from './manners.js';

const EMPTY_REPORT = { status: 200, headers: { 'Content-Type': ScannerMediaType.GENERIC_REPORT }, body: '{}' };

export function pullMutants(): Mutant[] {
  return [
    manner('E1', 'pullsByTag'),
    manner('E2', 'ignoresRedirects'),
    manner('E3', 'sendsCredentialsToStorage'),
    {
      ...manner(['E2', 'E4', 'E5', 'E6', 'E7', 'E9', 'E10', 'E11', 'E13'], 'dropsCredentials'),
      settings: { only: ['E'] },
    },
    manner(['E5', 'E6', 'E7'], 'knowsNoTokens'),
    manner('E6', 'knowsTokensOfOwnHostOnly'),
    manner('E7', 'needsHostInRealm'),
    { ...manner('E8', 'signsInWithBearer'), options: { registryAuthorizationType: 'Bearer' } },
    manner('E9', 'cutsPasswordAtColon'),
    manner('E10', 'keepsTwoPartsOfName'),
    manner('E11', 'forgetsPath'),
    manner('E12', 'sendsCredentialsUnasked'),
    { ...manner('E13', 'givesUpOn429'), settings: { only: ['E'] } },
    { ...manner('E13', 'doesNotWaitOn429'), settings: { only: ['E'] } },
    manner('E14', 'pullsOften'),
    manner('E15', 'pushes'),
  ];
}

/** For every artifact an adapter that cannot scan it, or does not come to an end with it. */
export function artifactMutants(): Mutant[] {
  const stuck = ARTIFACT_CHECKS.map(({ id, title }): Mutant => {
    const isScan = title.startsWith('scans ');
    const reply = isScan ? problem(500, 'cannot scan this') : { status: 302, headers: { 'Refresh-After': '1' } };
    return {
      ...replies(id, `fails: ${title}`, isReport, reply),
      settings: { only: [id], scanTimeoutMs: 150 },
    };
  });
  return [
    ...stuck,
    {
      what: 'is worn out afterwards',
      fails: ['F15'],
      mutation: {
        reply: (call, right, { jobs }) => (isMetadata(call) && jobs.size > 0 ? problem(503, 'worn out') : right),
      },
      settings: { only: ['F15'] },
    },
    { ...manner('F16', 'unpacksCarelessly'), settings: { only: ['F16'] } },
    {
      what: 'reads neither zstd nor plain layers',
      fails: ['F3', 'F4'],
      mutation: {
        manners: {
          layerTypes: [
            'application/vnd.oci.image.layer.v1.tar+gzip',
            'application/vnd.docker.image.rootfs.diff.tar.gzip',
          ],
        },
      },
      settings: { only: ['F1', 'F2', 'F3', 'F4', 'F5', 'F10'] },
    },
  ];
}

export function robustnessMutants(): Mutant[] {
  const served = new Map<Job, number>();
  let isBroken = false;
  return [
    {
      what: 'refuses what it cannot do at once',
      fails: ['G1'],
      mutation: {
        reply: (call, right, adapter) => (isSubmit(call) && running(adapter) > 3 ? problem(503, 'busy') : right),
      },
    },
    {
      what: 'is not there while it is busy',
      fails: ['G2'],
      mutation: {
        reply: (call, right, adapter) => (isMetadata(call) && running(adapter) > 3 ? problem(503, 'busy') : right),
      },
    },
    { what: 'loses a scan', fails: ['G3'], mutation: { schedule: lossy() }, settings: { scanTimeoutMs: 800 } },
    {
      what: 'waits for ever',
      fails: ['G4'],
      mutation: {},
      options: { scanDeadlineMs: 60_000 },
      settings: { scanTimeoutMs: 500, only: ['G4', 'G5', 'G6'] },
    },
    {
      what: 'does not get over a client that went away',
      fails: ['G5'],
      mutation: {
        takeOver(request) {
          if (request.method === 'POST') {
            isBroken = true;
            request.on('end', () => (isBroken = false));
          }
          return false;
        },
        reply(call, right) {
          const wasBroken = isMetadata(call) && isBroken;
          if (wasBroken) isBroken = false;
          return wasBroken ? problem(500, 'broken pipe') : right;
        },
      },
    },
    replies(
      'G6',
      'what does not exist is an error of its own',
      ({ path }, { status }) => status === 404 && !path.includes('scan/'),
      {
        status: 500,
      },
    ),
    replies(
      'G7',
      'hands out a report and forgets it',
      ({ job }, { status }) => {
        if (job === null || status !== 200) return false;
        served.set(job, (served.get(job) ?? 0) + 1);
        return served.get(job)! > 3;
      },
      problem(404, 'gone'),
    ),
  ];
}

export function securityMutants(): Mutant[] {
  const credentials: [string, string] = ['X-ScannerAdapter-API-Key', 'key-of-the-adapter'];
  return [
    {
      ...replies('H1', 'reports are open to all', (call, { status }) => isReport(call) && status === 401, EMPTY_REPORT),
      options: { credentials },
      settings: { authorization: `apikey:${credentials[1]}` },
    },
    manner('H2', 'trustsAnyCertificate'),
    manner('H3', 'trustsNoCertificate'),
    // What it would have done is not done: the test must not ask a real metadata service.
    replies(
      'H4',
      'link-local addresses are as good as others',
      (_, { body }) => body.includes('link-local'),
      EMPTY_REPORT,
    ),
    replies(
      'H5',
      'any scheme is an address',
      (call, { status }) => {
        return isSubmit(call) && status === 422 && String(part(requestOf(call), 'registry')['url']).startsWith('file:');
      },
      accept,
    ),
    replies(
      'H6',
      'the reason has the credentials in it',
      ({ job }, { status }) => status === 500 && job !== null,
      (_, { job }) => problem(500, `failed: curl -H 'Authorization: ${job?.request.registry.authorization}'`),
    ),
    {
      what: 'metrics have the credentials in them',
      fails: ['H7'],
      mutation: {
        reply: ({ path }, right, { jobs }) =>
          path === '/metrics'
            ? { ...right, body: [...jobs.values()].map(({ request }) => request.registry.authorization).join('\n') }
            : right,
      },
    },
  ];
}

export function harborMutants(): Mutant[] {
  return [
    replies(
      'I1',
      '1.2 is refused as 1.0',
      (call) => isSubmit(call) && call.headers['content-type'] === ScannerMediaType.SCAN_REQUEST,
      problem(422, 'no'),
    ),
    {
      what: 'takes what it declares and nothing else',
      fails: ['I2'],
      mutation: {
        document(document, kind) {
          if (kind !== 'metadata') return document;
          const [vulnerability] = document['capabilities'] as Record<string, unknown>[];
          const capabilities = [{ ...vulnerability, produces_mime_types: [ScannerMediaType.NATIVE_REPORT] }];
          return { ...document, capabilities };
        },
        reply: (call, right) =>
          isSubmit(call) && call.body.includes(ScannerMediaType.GENERIC_REPORT) ? problem(501, 'no') : right,
      },
    },
    {
      what: 'reports take their time',
      fails: ['I3'],
      mutation: {
        async reply(call, right) {
          if (isReport(call)) await pause(600);
          return right;
        },
      },
      settings: { answerWithinMs: 500 },
    },
    replies('I4', 'is to be asked again after 200 seconds', ({ job }) => job?.polls === 1, {
      status: 302,
      headers: { 'Refresh-After': '200' },
      body: '',
    }),
    replies('I5', 'reasons are plain text', (_, { status }) => status === 500, {
      headers: { 'Content-Type': 'text/plain' },
      body: 'it did not work',
    }),
  ];
}

function manner(fails: string | string[], name: Exclude<keyof Manners, 'layerTypes'>): Mutant {
  return { what: name, fails: [fails].flat(), mutation: { manners: { [name]: true } } };
}

function running({ jobs }: ReferenceAdapter): number {
  return [...jobs.values()].filter(({ outcome }) => outcome === null).length;
}

/** Of many scans that run at once the last ones are forgotten. */
function lossy(): (job: Job, begin: () => Promise<void>) => void {
  let inside = 0;
  return (_, begin) => {
    inside++;
    if (inside <= 4) void begin().then(() => inside--);
    else inside--;
  };
}
