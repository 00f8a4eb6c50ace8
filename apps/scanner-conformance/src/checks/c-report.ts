import { ScannerMediaType, VULNERABILITY_REPORT_TYPES } from '@breakwater/scanner-spec';
import { type Exchange, describe, errorMessage, header } from '../adapter/exchange.js';
import {
  type Kit,
  type Question,
  type Scan,
  describeScan,
  idOf,
  isHonestFailure,
  isRefusal,
  pause,
  reportPath,
} from '../kit.js';
import type { ArtifactName } from '../artifacts/catalogue.js';
import type { Behaviour, HostedRepository } from '../registry/hosted-repository.js';
import { BlockedError } from './blocked.error.js';
import {
  type Check,
  type Verdict,
  checks,
  failed,
  notApplicable,
  passed,
  verdictOf,
  whereVulnerabilities,
} from './check.js';
import { EVERYWHERE, HARBOR, ROBUST, SINCE_1_0, except } from './profile.js';

const SOURCE = 'pluggable scanner spec, GET /scan/{id}/report';
const KNOWN_TYPES: readonly string[] = [...VULNERABILITY_REPORT_TYPES, ScannerMediaType.RAW_REPORT];

/** How the report is fetched. What is in it is looked at by REPORT_CONTENT_CHECKS. */
export const REPORT_CHECKS = checks([
  whereVulnerabilities({
    id: 'C1',
    title: 'delivers every report of vulnerabilities that it declares',
    asked: 'a scan for each report type of the metadata, then GET …/report with that Accept until it is not 302',
    source: `${SOURCE}, 200`,
    advice: 'Look at the adapter’s log for this scan. If nothing reached the fixture registry, see --registry-address.',
    required: EVERYWHERE,
    async run(kit) {
      const results: { scan: Scan; type: string }[] = [];
      for (const question of await vulnerabilityQuestions(kit))
        results.push({ scan: await kit.mainScan(question), type: question.accept });
      const bad = results.filter(({ scan }) => scan.last?.status !== 200);
      return verdictOf(
        bad.map(({ scan, type }) => `${type}: ${describeScan(scan, kit.tooLate)}${hintOf(scan)}`),
        results.map(({ scan }) => describeScan(scan, kit.tooLate)).join('\n'),
      );
    },
  }),
  whereVulnerabilities({
    id: 'C2',
    title: 'names the media type of the report to the byte',
    asked: 'GET …/report with each report type of the metadata as Accept',
    source: `${SOURCE}, 200`,
    advice: 'Send as Content-Type exactly the report type that was asked for.',
    required: SINCE_1_0,
    advised: HARBOR,
    async run(kit) {
      const problems: string[] = [];
      for (const question of await vulnerabilityQuestions(kit)) {
        const type = header(await kit.mainReport(question), 'content-type') ?? '';
        const isRaw = question.accept === ScannerMediaType.RAW_REPORT;
        if (type !== question.accept && !(isRaw && type !== ''))
          problems.push(`asked for ${question.accept}, Content-Type: ${type}`);
      }
      return verdictOf(problems, 'as asked');
    },
  }),
  {
    id: 'C3',
    title: 'answers 302 until the report is whole, and only then 200',
    asked: 'GET …/report while the fixture registry holds the layers back, and after it has let them go',
    source: `${SOURCE}, 302`,
    advice: 'Answer 302 while the scan is queued or running. Never 200 with a part of the report, never 404.',
    required: EVERYWHERE,
    async run(kit) {
      const { pending, last } = await heldScan(kit);
      const early = pending.filter(({ status }) => status !== 302);
      const late = last?.status === 200 ? [] : [`afterwards: ${last ? describe(last) : kit.tooLate}`];
      return verdictOf([...early.map((exchange) => `while held: ${describe(exchange)}`), ...late], '302, then 200');
    },
  },
  {
    id: 'C4',
    title: 'says with every 302 when to ask again',
    asked: 'GET …/report while the scan is running',
    source: `${SOURCE}, 302, header Refresh-After`,
    advice: 'Send Refresh-After with whole seconds from 1 to 127 (Harbor reads eight bits), and Retry-After beside it.',
    required: SINCE_1_0,
    advised: HARBOR,
    async run(kit) {
      const { pending } = await heldScan(kit);
      const redirects = pending.filter(({ status }) => status === 302);
      if (redirects.length === 0) return notApplicable('there was no 302; see C3');
      const bad = redirects.filter((exchange) => !isRefreshAfter(header(exchange, 'refresh-after')));
      return verdictOf(bad.map(describe), redirects.map(describe).join('\n'));
    },
  },
  {
    id: 'C5',
    title: 'sends nobody elsewhere',
    asked: 'GET …/report while the scan is running',
    source: `${SOURCE}, 302`,
    advice: 'Leave Location out, or name the very address that was asked. Registries do not follow it to other hosts.',
    required: EVERYWHERE,
    async run(kit) {
      const { pending } = await heldScan(kit);
      const bad = pending.filter((exchange) => !isSelf(exchange));
      return verdictOf(bad.map(describe), 'no Location, or itself');
    },
  },
  whereVulnerabilities({
    id: 'C6',
    title: 'delivers several report types of one scan at once',
    asked: 'one scan for all report types; GET …/report with each Accept, in parallel',
    source: `${SOURCE}; registries ask for each type in a loop of its own`,
    advice: 'Keep the result of a scan, not of a question: all types of a scan come from the same run.',
    required: EVERYWHERE,
    async run(kit) {
      const questions = await vulnerabilityQuestions(kit);
      if (questions.length < 2) return notApplicable('the adapter declares one type only');
      const request = await kit.requestFor(kit.host('debian'));
      const produces = questions.map(({ accept }) => accept);
      const enabled = { enabled_capabilities: [{ type: 'vulnerability', produces_mime_types: produces }] };
      const submitted = await kit.submit({ ...request, ...(kit.knowsCapabilities ? enabled : {}) });
      const id = submittedId(submitted);
      const reports = await Promise.all(questions.map((question) => kit.poll(id, question)));
      return verdictOf(
        reports.filter((report) => report?.status !== 200).map((report) => (report ? describe(report) : kit.tooLate)),
        `${reports.length} reports of one scan`,
      );
    },
  }),
  {
    id: 'C7',
    title: 'refuses a report type that does not exist, in words',
    asked: 'GET …/report with Accept: application/vnd.unheard-of+json',
    source: `${SOURCE}, 4xx`,
    advice: 'Answer 406 or another 4xx with the error document.',
    required: SINCE_1_0,
    async run(kit) {
      const { id } = await kit.mainScan();
      await kit.mainReport();
      const exchange = await kit.adapter.get(reportPath(id, { sbomFormat: null }), {
        Accept: 'application/vnd.unheard-of+json',
      });
      return isRefusal(exchange) && errorMessage(exchange) !== null
        ? passed(describe(exchange))
        : failed(describe(exchange));
    },
  },
  whereVulnerabilities({
    id: 'C8',
    title: 'takes a missing Accept for the native report',
    asked: 'GET …/report without Accept',
    source: `${SOURCE}: the native report is assumed when Accept is missing`,
    advice: `Answer with ${ScannerMediaType.NATIVE_REPORT}, or refuse in words when you do not write it.`,
    required: ROBUST,
    advised: except('robust', 'harbor-strict'),
    async run(kit) {
      const { vulnerabilityTypes } = await kit.declared();
      const isNative = vulnerabilityTypes.includes(ScannerMediaType.NATIVE_REPORT);
      const question = { accept: isNative ? ScannerMediaType.NATIVE_REPORT : '', sbomFormat: null };
      const { id } = await kit.mainScan(isNative ? question : undefined);
      await kit.mainReport(isNative ? question : undefined);
      const exchange = await kit.adapter.get(reportPath(id, question));
      const isRight = exchange.status === 200 || (!isNative && isRefusal(exchange));
      return isRight ? passed(describe(exchange)) : failed(describe(exchange));
    },
  }),
  {
    id: 'C9',
    title: 'answers 404 for an id that it never gave',
    asked: 'GET …/report with ids that are unknown, that lead elsewhere (../metadata), that are 2,000 characters long',
    source: `${SOURCE}, 404`,
    advice: 'Compare the id with those you gave, take it for a file name never. 400 is taken for the odd ones.',
    required: SINCE_1_0,
    advised: HARBOR,
    async run(kit) {
      const question = await kit.question();
      const unknown = await kit.ask('00000000-0000-4000-8000-000000000000', question);
      const odd = [
        await kit.ask('../metadata', question),
        await kit.ask('..\\..\\metadata', question),
        await kit.ask('x'.repeat(2000), question),
      ];
      const bad = [
        ...[unknown].filter(({ status }) => status !== 404),
        ...odd.filter(({ status }) => ![400, 404, 414, 431].includes(status ?? 0)),
      ];
      return verdictOf(bad.map(describe), describe(unknown));
    },
  },
  {
    id: 'C10',
    title: 'delivers the same report again, byte by byte',
    asked: 'GET …/report five times after it was there',
    source: `${SOURCE}: a report may be asked for again while it is kept`,
    advice: 'Store the report when the scan ends; do not write it anew, nor forget it with the first answer.',
    required: EVERYWHERE,
    async run(kit) {
      const { id } = await kit.mainScan();
      const first = await kit.mainReport();
      const again: Exchange[] = [];
      while (again.length < 5) again.push(await kit.ask(id, await kit.question()));
      const bad = again.filter(({ status, body }) => status !== 200 || !body.equals(first.body));
      return verdictOf(
        bad.map((exchange) => (exchange.status === 200 ? 'another body than before' : describe(exchange))),
        `${again.length} equal answers of ${first.body.length} bytes`,
      );
    },
  },
  failure('C11', 'the artifact is not there', { isMissing: true }),
  failure('C12', 'the registry refuses the credentials (401)', { refuseWith: 401 }),
  failure('C13', 'the registry refuses access (403)', { refuseWith: 403 }),
  {
    ...failure('C14', 'the registry cannot be reached', {}),
    async run(kit) {
      const url = await kit.registry.unreachableUrl();
      const scan = await kit.scan('debian', {
        change: (request) => ({ ...request, registry: { ...request.registry, url } }),
      });
      return honestFailure(kit, scan);
    },
  },
  failure('C15', 'a layer is not what its digest says', { isCorrupting: true }),
  failure('C16', 'the connection breaks in the middle of a layer', { isCutting: true }, 'debian', ROBUST),
]);

/** A check that a scan which cannot succeed is answered by 500 and a reason. */
function failure(
  id: Check['id'],
  what: string,
  behaviour: Behaviour,
  artifact: ArtifactName = 'debian',
  required: Check['required'] = EVERYWHERE,
): Check {
  return {
    id,
    title: `answers 500 with a reason when ${what}`,
    asked: `a scan where ${what}`,
    source: `${SOURCE}, 500`,
    advice: 'End the scan and answer 500 with {"error":{"message":…}}. Not 302 for ever, and not an empty report.',
    required,
    advised: except(...required),
    run: async (kit) => honestFailure(kit, await kit.scan(artifact, { behaviour })),
  };
}

function honestFailure(kit: Kit, scan: Scan): Verdict {
  const came = describeScan(scan, kit.tooLate);
  return isHonestFailure(scan) ? passed(came) : failed(came);
}

async function vulnerabilityQuestions(kit: Kit): Promise<Question[]> {
  const { vulnerabilityTypes } = await kit.declared();
  return vulnerabilityTypes
    .filter((type) => KNOWN_TYPES.includes(type))
    .map((accept) => ({ accept, sbomFormat: null }));
}

/** Asks for a report while it cannot be there, then lets the scan end. */
function heldScan(kit: Kit): Promise<{ pending: Exchange[]; last: Exchange | null }> {
  return kit.once('held scan', async () => {
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    try {
      const question = await kit.question();
      const repository = kit.host('debian', { hold });
      const id = submittedId(await kit.submit(await kit.requestFor(repository)));
      const pending = [await kit.ask(id, question)];
      // An adapter that reports half of a scan does so in the middle of it: wait until it asks for a layer.
      for (let count = 0; count < 40 && !isPulling(repository) && pending.at(-1)?.status === 302; count++) {
        await pause(25);
        pending.push(await kit.ask(id, question));
      }
      for (let count = 0; count < 5; count++) pending.push(await kit.ask(id, question));
      release();
      return { pending, last: await kit.poll(id, question) };
    } finally {
      release();
    }
  });
}

function submittedId(submitted: Exchange): string {
  const id = submitted.status === 202 ? idOf(submitted) : null;
  if (id === null) throw new BlockedError('B1', describe(submitted));
  return id;
}

function isPulling(repository: HostedRepository): boolean {
  const { layerDigests } = repository.artifact;
  return repository.requests().some(({ kind, reference }) => kind === 'blob' && layerDigests.includes(reference ?? ''));
}

function isRefreshAfter(value: string | null): boolean {
  return value !== null && /^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= 127;
}

/** Relative addresses are looked at as the client would resolve them. */
function isSelf(exchange: Exchange): boolean {
  const location = header(exchange, 'location');
  if (location === null) return true;
  const asked = new URL(exchange.path, 'http://adapter');
  const target = new URL(location, asked);
  const isSameHost = target.host === asked.host || exchange.host === target.host;
  return isSameHost && target.pathname === asked.pathname;
}

function hintOf({ repository }: Scan): string {
  const { length } = repository.requests();
  return length > 0 ? `; the fixture registry saw ${length} requests` : '; nothing reached the fixture registry';
}
