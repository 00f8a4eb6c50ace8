import { SBOM_FORMATS, ScannerMediaType, type ScanRequest } from '@breakwater/scanner-spec';
import { type Exchange, describe, errorMessage, header } from '../adapter/exchange.js';
import { type Kit, idOf, isRefusal } from '../kit.js';
import { BlockedError } from './blocked.error.js';
import { type Check, type Verdict, checks, failed, notApplicable, passed, verdictOf, whereSbom } from './check.js';
import { EVERYWHERE, HARBOR, ROBUST, SINCE_1_0, SINCE_1_2, except } from './profile.js';

const SOURCE = 'pluggable scanner spec, POST /scan';

export const SUBMIT_CHECKS = checks([
  {
    id: 'B1',
    title: 'accepts a scan with 202 within five seconds',
    asked: 'POST /api/v1/scan with an image of the fixture registry',
    source: `${SOURCE}, 202`,
    advice: 'Put the scan into a queue and answer at once; no other status is taken for a yes.',
    required: EVERYWHERE,
    async run(kit) {
      const submitted = await kit.submit(await kit.requestFor(kit.host('debian')));
      return submitted.status === 202 && submitted.durationMs <= kit.options.answerWithinMs
        ? passed(describe(submitted))
        : failed(describe(submitted));
    },
  },
  {
    id: 'B2',
    title: 'gives the scan an id that fits into an address',
    asked: 'POST /api/v1/scan',
    source: `${SOURCE}, ScanResponse.id`,
    advice: 'Answer {"id":"…"} with a text of letters, digits, dots, hyphens and underscores; a UUID is fine.',
    required: EVERYWHERE,
    async run(kit) {
      const submitted = await acceptedScan(kit);
      const id = idOf(submitted);
      if (id === null) return failed(`the body is ${submitted.body.toString().slice(0, 200)}`);
      return /^[\w.~-]{1,255}$/.test(id) ? passed(id) : failed(`the id is ${JSON.stringify(id)}`);
    },
  },
  {
    id: 'B3',
    title: 'names the media type of the answer to the byte',
    asked: 'POST /api/v1/scan',
    source: `${SOURCE}, 202`,
    advice: `Send Content-Type: ${ScannerMediaType.SCAN_RESPONSE}.`,
    required: SINCE_1_0,
    advised: HARBOR,
    async run(kit) {
      const submitted = await acceptedScan(kit);
      const type = header(submitted, 'content-type');
      return type === ScannerMediaType.SCAN_RESPONSE ? passed(type) : failed(`Content-Type: ${type}`);
    },
  },
  {
    id: 'B4',
    title: 'never gives two scans the same id',
    asked: 'POST /api/v1/scan, many times, for an artifact that is not there',
    source: `${SOURCE}, ScanResponse.id`,
    advice: 'Make a new id for every request, also for an artifact that is being scanned.',
    required: EVERYWHERE,
    async run(kit) {
      const request = await kit.requestFor(kit.host('debian', { isMissing: true }));
      const ids: (string | null)[] = [];
      while (ids.length < kit.options.submits) {
        const batch = Array.from({ length: Math.min(kit.options.parallel, kit.options.submits - ids.length) }, () =>
          kit.submit(request),
        );
        const exchanges = await Promise.all(batch);
        const refused = exchanges.find(({ status }) => status !== 202);
        if (refused) return failed(describe(refused));
        ids.push(...exchanges.map(idOf));
      }
      const different = new Set(ids).size;
      return different === ids.length && !ids.includes(null)
        ? passed(`${ids.length} different ids`)
        : failed(`${different} different ids for ${ids.length} scans`);
    },
  },
  refusal('B5', 'refuses what is no JSON with 400', '{"registry": {"url": ', [400], SINCE_1_0),
  refusal('B6', 'refuses a list, and a number for an address, with 400', null, [400], SINCE_1_0, [
    () => [],
    (request) => ({ ...request, registry: { ...request.registry, url: 17 } }),
  ]),
  refusal('B7', 'refuses an empty or missing repository with 422', null, [422], SINCE_1_0, [
    (request) => ({ ...request, artifact: { ...request.artifact, repository: '' } }),
    (request) => ({ ...request, artifact: { digest: request.artifact.digest } }),
  ]),
  refusal('B8', 'refuses what is no digest with 422', null, [422], SINCE_1_0, [
    (request) => ({ ...request, artifact: { ...request.artifact, digest: 'sha256:0123' } }),
    (request) => ({ ...request, artifact: { ...request.artifact, digest: '' } }),
  ]),
  refusal('B9', 'refuses an address that is none with 422', null, [422], SINCE_1_0, [
    (request) => ({ ...request, registry: { ...request.registry, url: 'not an address' } }),
    (request) => ({ ...request, registry: { ...request.registry, url: '' } }),
  ]),
  refusal('B10', 'refuses an unknown type of capability with 422', null, [422], SINCE_1_2, [
    (request) => ({ ...request, enabled_capabilities: [{ type: 'horoscope' }] }),
  ]),
  whereSbom(
    refusal('B11', 'refuses an unknown SBOM format with 422', null, [422], SINCE_1_2, [
      (request) => ({
        ...request,
        enabled_capabilities: [
          {
            type: 'sbom',
            produces_mime_types: [ScannerMediaType.SBOM_REPORT],
            parameters: { sbom_media_types: ['application/vnd.unheard-of+json'] },
          },
        ],
      }),
    ]),
  ),
  {
    id: 'B12',
    title: 'refuses with 501 what it does not offer',
    asked: 'POST /api/v1/scan for a report that the metadata does not name',
    source: `${SOURCE}, 1.2, 501`,
    advice: 'Compare enabled_capabilities with your own metadata; answer 501 (422 is taken too), not 202.',
    required: SINCE_1_2,
    async run(kit) {
      const { vulnerabilityTypes, sbomFormats } = await kit.declared();
      const kind = vulnerabilityTypes.length > 0 ? 'vulnerability' : 'sbom';
      const notOffered = 'application/vnd.scanner.adapter.not-offered; version=9.0';
      const parameters = kind === 'sbom' ? { parameters: { sbom_media_types: sbomFormats.slice(0, 1) } } : {};
      return refuses(
        kit,
        [501, 422],
        [
          (request) => ({
            ...request,
            enabled_capabilities: [{ type: kind, produces_mime_types: [notOffered], ...parameters }],
          }),
        ],
      );
    },
  },
  acceptance('B13', 'does not mind fields that it does not know', ROBUST, except('robust'), [
    (request) => ({
      ...request,
      future: { field: [1, 2, 3] },
      registry: { ...request.registry, mirror: null },
      artifact: { ...request.artifact, annotations: { a: 'b' } },
    }),
  ]),
  acceptance(
    'B14',
    'takes missing, null and empty enabled_capabilities for all',
    SINCE_1_2,
    [],
    [
      ({ registry, artifact }) => ({ registry, artifact }),
      (request) => ({ ...request, enabled_capabilities: null }),
      (request) => ({ ...request, enabled_capabilities: [] }),
    ],
  ),
  {
    ...acceptance('B15', 'takes null for the parameters of a capability', SINCE_1_2, HARBOR, []),
    async run(kit) {
      const { vulnerabilityTypes } = await kit.declared();
      if (vulnerabilityTypes.length === 0) return notApplicable('parameters are needed for an SBOM');
      const { accept } = await kit.question();
      return accepts(kit, [
        (request) => ({
          ...request,
          enabled_capabilities: [{ type: 'vulnerability', produces_mime_types: [accept], parameters: null }],
        }),
      ]);
    },
  },
  {
    id: 'B16',
    title: 'takes both versions of the request',
    asked: 'POST /api/v1/scan as version 1.0 and as version 1.1',
    source: `${SOURCE}, 1.2, media type of the request`,
    advice: 'Do not look at the version: the fields of 1.2 are optional, and Harbor sends them as version 1.0.',
    required: SINCE_1_2,
    async run(kit) {
      const request = await kit.requestFor(kit.host('debian', { isMissing: true }));
      const exchanges = [
        await kit.submit(request, { contentType: ScannerMediaType.SCAN_REQUEST }),
        await kit.submit(request, { contentType: ScannerMediaType.SCAN_REQUEST_1_1 }),
      ];
      return verdictOf(
        exchanges.filter(({ status }) => status !== 202).map(describe),
        exchanges.map(describe).join('\n'),
      );
    },
  },
  {
    id: 'B17',
    title: 'refuses a request of a megabyte in words',
    asked: 'POST /api/v1/scan with a field of 1 MiB',
    source: SOURCE,
    advice: 'Limit the size of bodies, and answer 413 (or another 4xx) instead of closing the connection.',
    required: ROBUST,
    advised: except('robust'),
    async run(kit) {
      const request = await kit.requestFor(kit.host('debian', { isMissing: true }));
      const artifact = { ...request.artifact, tag: 'x'.repeat(1024 * 1024) };
      const exchange = await kit.submit({ ...request, artifact }, { isProbe: true });
      return isRefusal(exchange) ? passed(describe(exchange)) : failed(describe(exchange));
    },
  },
  {
    id: 'B18',
    title: 'says what is wrong in the error document',
    asked: 'POST /api/v1/scan with a broken body and with an empty repository',
    source: `${SOURCE}, ErrorResponse`,
    advice: 'Answer {"error":{"message":"what is wrong"}} with every status of 400 and above.',
    required: except('harbor-strict'),
    async run(kit) {
      const exchanges = (await refusedRequests(kit)).filter(({ status }) => (status ?? 0) >= 400);
      if (exchanges.length === 0) return notApplicable('nothing was refused; see B5 and B7');
      const bad = exchanges.filter((exchange) => errorMessage(exchange) === null);
      return verdictOf(
        bad.map((exchange) => `${describe(exchange)}: no error.message`),
        exchanges.map((exchange) => errorMessage(exchange)).join('\n'),
      );
    },
  },
  {
    id: 'B19',
    title: 'names the media type of errors to the byte',
    asked: 'POST /api/v1/scan with a broken body and with an empty repository',
    source: `${SOURCE}, ErrorResponse`,
    advice: `Send Content-Type: ${ScannerMediaType.ERROR}.`,
    required: SINCE_1_0,
    async run(kit) {
      const exchanges = (await refusedRequests(kit)).filter(({ status }) => (status ?? 0) >= 400);
      if (exchanges.length === 0) return notApplicable('nothing was refused; see B5 and B7');
      const bad = exchanges.filter((exchange) => header(exchange, 'content-type') !== ScannerMediaType.ERROR);
      return verdictOf(bad.map(describe), ScannerMediaType.ERROR);
    },
  },
  whereSbom({
    id: 'B20',
    title: 'refuses a format that it does not write, and takes every one that it declares',
    asked: 'POST /api/v1/scan for an SBOM in each known format',
    source: `${SOURCE}, 1.2, parameters.sbom_media_types`,
    advice: 'Take the formats of your additional_attributes.sbom_media_types, refuse the others with 422 or 501.',
    required: SINCE_1_2,
    async run(kit) {
      const { sbomFormats } = await kit.declared();
      const problems: string[] = [];
      for (const format of SBOM_FORMATS) {
        const question = { accept: ScannerMediaType.SBOM_REPORT, sbomFormat: format };
        const exchange = await kit.submit(await kit.requestFor(kit.host('debian', { isMissing: true }), { question }));
        const isDeclared = sbomFormats.includes(format);
        const isRight = isDeclared ? exchange.status === 202 : [422, 501].includes(exchange.status ?? 0);
        if (!isRight) problems.push(`${format}, ${isDeclared ? '' : 'not '}declared: ${describe(exchange)}`);
      }
      return verdictOf(problems, sbomFormats.join(', '));
    },
  }),
]);

type Change = (request: ScanRequest) => unknown;

/** A check that requests changed in some ways are refused with one of these statuses. */
function refusal(
  id: Check['id'],
  title: string,
  body: string | null,
  statuses: readonly number[],
  required: Check['required'],
  changes: readonly Change[] = [],
): Check {
  return {
    id,
    title,
    asked: `POST /api/v1/scan with ${title.replace(/^refuses /, '').replace(/ with \d+$/, '')}`,
    source: `${SOURCE}, ${statuses.join(', ')}`,
    advice: `Check the request before it is queued: 400 for what is no JSON or of the wrong type, 422 for a field that says something impossible.`,
    required,
    run: (kit) => refuses(kit, statuses, body === null ? changes : [() => body]),
  };
}

async function refuses(kit: Kit, statuses: readonly number[], changes: readonly Change[]): Promise<Verdict> {
  const request = await kit.requestFor(kit.host('debian', { isMissing: true }));
  const exchanges: Exchange[] = [];
  for (const change of changes) exchanges.push(await kit.submit(change(request)));
  const bad = exchanges.filter(({ status }) => !statuses.includes(status ?? 0));
  return verdictOf(
    bad.map((exchange) => `${describe(exchange)}, instead of ${statuses.join(' or ')}`),
    exchanges.map(describe).join('\n'),
  );
}

/** A check that requests changed in some ways are accepted. */
function acceptance(
  id: Check['id'],
  title: string,
  required: Check['required'],
  advised: Check['required'],
  changes: readonly Change[],
): Check {
  return {
    id,
    title,
    asked: `POST /api/v1/scan; ${title}`,
    source: `${SOURCE}, ScanRequest`,
    advice: 'Read what you know and leave the rest: registries of all versions send requests.',
    required,
    advised,
    run: (kit) => accepts(kit, changes),
  };
}

async function accepts(kit: Kit, changes: readonly Change[]): Promise<Verdict> {
  const request = await kit.requestFor(kit.host('debian', { isMissing: true }));
  const exchanges: Exchange[] = [];
  for (const change of changes) exchanges.push(await kit.submit(change(request)));
  return verdictOf(exchanges.filter(({ status }) => status !== 202).map(describe), exchanges.map(describe).join('\n'));
}

/** Blocked by B1 when it is not accepted. */
function acceptedScan(kit: Kit): Promise<Exchange> {
  return kit.once('accepted scan', async () => {
    const submitted = await kit.submit(await kit.requestFor(kit.host('debian')));
    if (submitted.status !== 202) throw new BlockedError('B1', describe(submitted));
    return submitted;
  });
}

function refusedRequests(kit: Kit): Promise<Exchange[]> {
  return kit.once('refused requests', async () => {
    const request = await kit.requestFor(kit.host('debian', { isMissing: true }));
    const artifact = { ...request.artifact, repository: '' };
    return [await kit.submit('{"registry": '), await kit.submit({ ...request, artifact })];
  });
}
