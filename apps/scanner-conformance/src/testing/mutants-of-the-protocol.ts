import { setImmediate as turn } from 'node:timers/promises';
import { MediaType } from '@breakwater/oci';
import { ScannerMediaType } from '@breakwater/scanner-spec';
import {
  type Mutant,
  accept,
  documents,
  isMetadata,
  isReport,
  isSubmit,
  list,
  part,
  problem,
  replies,
  requestOf,
  withType,
} from './mutants.js';

const DATABASE_TIME = 'harbor.scanner-adapter/vulnerability-database-updated-at';
const JSON_TYPE = 'application/json';

export function metadataMutants(): Mutant[] {
  return [
    replies('A1', 'metadata are a list', isMetadata, { body: '[]' }),
    replies('A2', 'metadata are application/json', isMetadata, (reply) => withType(reply, JSON_TYPE)),
    replies('A3', 'Accept is needed', (call) => isMetadata(call) && !call.headers.accept, problem(406, 'no')),
    replies(
      'A4',
      'version 1.1 is not known',
      (call) => isMetadata(call) && call.headers.accept === ScannerMediaType.METADATA_1_1,
      problem(406, 'no'),
    ),
    documents('A5', 'the vendor is empty', 'metadata', (document) => void (part(document, 'scanner')['vendor'] = '')),
    documents('A6', 'the manifest of Docker is not consumed', 'metadata', (document) => {
      for (const capability of list(document, 'capabilities'))
        capability['consumes_mime_types'] = [MediaType.OciManifest];
    }),
    documents('A7', 'a report is produced that nobody knows', 'metadata', (document) => {
      list(document, 'capabilities')[0]!['produces_mime_types'] = [ScannerMediaType.GENERIC_REPORT, JSON_TYPE];
    }),
    documents('A8', 'one type is in two capabilities', 'metadata', (document) => {
      const capabilities = list(document, 'capabilities');
      capabilities.push(capabilities[0]!);
    }),
    documents('A9', 'a property is a boolean', 'metadata', (document) => {
      part(document, 'properties')['is-fast'] = true;
    }),
    documents('A10', 'the time of the database is no time', 'metadata', (document) => {
      part(document, 'properties')[DATABASE_TIME] = 'yesterday';
    }),
    documents('A11', 'the database is years old', 'metadata', (document) => {
      part(document, 'properties')[DATABASE_TIME] = '2020-02-01T00:00:00Z';
    }),
    documents('A12', 'the way to sign in is unknown', 'metadata', (document) => {
      part(document, 'properties')['harbor.scanner-adapter/registry-authorization-type'] = 'basic';
    }),
    replies(
      'A13',
      'unknown parameters are refused',
      (call) => isMetadata(call) && call.query.has('from'),
      problem(400, 'no'),
    ),
    crowded(),
    documents('A15', 'the type of a capability is unknown', 'metadata', (document) => {
      list(document, 'capabilities')[1]!['type'] = 'licences';
    }),
    documents('A16', 'no SBOM format is named', 'metadata', (document) => {
      delete list(document, 'capabilities')[1]!['additional_attributes'];
    }),
    documents('A17', 'only the native report is produced', 'metadata', (document) => {
      list(document, 'capabilities')[0]!['produces_mime_types'] = [ScannerMediaType.NATIVE_REPORT];
    }),
  ];
}

export function submitMutants(): Mutant[] {
  let submits = 0;
  return [
    replies('B1', 'the first scan is refused', (call) => isSubmit(call) && submits++ === 0, problem(503, 'starting')),
    replies(
      'B2',
      'ids do not fit into an address',
      (call, { status }) => isSubmit(call) && status === 202,
      ({ body }) => ({
        body: body.replace('{"id":"', '{"id":"a b/'),
      }),
    ),
    replies(
      'B3',
      'the answer is application/json',
      (call, { status }) => isSubmit(call) && status === 202,
      (reply) => withType(reply, JSON_TYPE),
    ),
    replies('B4', 'all scans have one id', (call, { status }) => isSubmit(call) && status === 202, {
      body: '{"id":"1"}',
    }),
    replies('B5', 'broken JSON is a wrong field', (call, { status }) => status === 400 && !isJson(call.body), {
      status: 422,
    }),
    replies('B6', 'a wrong type is a wrong field', (call, { status }) => status === 400 && isJson(call.body), {
      status: 422,
    }),
    lax('B7', 'a repository is not needed', (request) => !part(request, 'artifact')['repository']),
    lax('B8', 'any text is a digest', (request) => String(part(request, 'artifact')['digest']).length < 20),
    lax('B9', 'any text is an address', (request) => !String(part(request, 'registry')['url']).startsWith('http')),
    lax('B10', 'any capability is accepted', (request) => JSON.stringify(request).includes('horoscope')),
    lax('B11', 'any format is accepted', (request) => JSON.stringify(request).includes('unheard-of')),
    lax('B12', 'any report is accepted', (request) => JSON.stringify(request).includes('not-offered')),
    strict('B13', 'unknown fields are refused', (request) => 'future' in request),
    strict('B14', 'null is not nothing', (request) => request['enabled_capabilities'] === null),
    strict(
      'B15',
      'null is no parameters',
      (request) => list(request, 'enabled_capabilities')[0]?.['parameters'] === null,
    ),
    replies(
      'B16',
      'requests of version 1.0 are refused',
      (call) => isSubmit(call) && call.headers['content-type'] === ScannerMediaType.SCAN_REQUEST,
      problem(415, 'no'),
    ),
    replies('B17', 'a megabyte is accepted', (_, { status }) => status === 413, accept),
    replies('B18', 'errors have another shape', (_, { status }) => status >= 400, { body: '{"message":"no"}' }),
    replies(
      'B19',
      'errors are application/json',
      (_, { status }) => status >= 400,
      (reply) => withType(reply, JSON_TYPE),
    ),
    strict('B20', 'a declared format is refused', (request) => JSON.stringify(request).includes('cyclonedx')),
  ];
}

/** Adapters that fail when an artifact has some fault, without the words that they owe. */
const FAILURES = {
  C11: /says 404/,
  C12: /says 401/,
  C13: /says 403/,
  C14: /ECONNREFUSED/,
  C15: /content is/,
  C16: /aborted|hang up|ECONNRESET/,
};

export function reportMutants(): Mutant[] {
  const typeOfJob = new Map<string, string>();
  let count = 0;
  const accepts = (type: string) => (call: { headers: { accept?: string | undefined } }) =>
    call.headers.accept === type;
  return [
    replies(
      ['C1', 'C6'],
      'the native report is declared and not made',
      (call, { status }) => isReport(call) && status === 200 && accepts(ScannerMediaType.NATIVE_REPORT)(call),
      problem(500, 'not made'),
    ),
    replies(
      'C2',
      'reports are application/json',
      (call, { status }) => isReport(call) && status === 200,
      (reply) => withType(reply, JSON_TYPE),
    ),
    replies(
      'C3',
      'a running scan is unknown',
      ({ job }, { status }) => status === 302 && job!.polls > 5,
      problem(404, 'no'),
    ),
    replies('C4', 'nobody is told when to ask again', (_, { status }) => status === 302, { headers: {} }),
    replies(
      'C5',
      'whoever asks is sent elsewhere',
      (_, { status }) => status === 302,
      ({ headers }) => ({
        headers: { ...headers, Location: 'http://elsewhere.example/report' },
      }),
    ),
    replies(
      'C6',
      'a scan has one report only',
      ({ headers: { accept: type = '' }, job }, { status }) => {
        if (status !== 200 || job === null || !type.includes('report')) return false;
        if (!typeOfJob.has(job.id)) typeOfJob.set(job.id, type);
        return typeOfJob.get(job.id) !== type;
      },
      problem(404, 'no'),
    ),
    replies('C7', 'any Accept is answered', (call, { status }) => isReport(call) && status === 406, { status: 200 }),
    replies('C8', 'Accept is needed for reports', (call) => isReport(call) && !call.headers.accept, problem(500, 'no')),
    replies('C9', 'unknown scans are running', (call, { status }) => isReport(call) && status === 404, {
      status: 302,
      headers: { 'Refresh-After': '1' },
    }),
    replies(
      'C10',
      'reports are written anew',
      (call, { status }) => isReport(call) && status === 200,
      ({ body }) => ({
        body: `${body}${' '.repeat(++count)}`,
      }),
    ),
    ...Object.entries(FAILURES).map(([id, reason]) =>
      replies(id, `no words for ${reason.source}`, (_, { status, body }) => status === 500 && reason.test(body), {
        body: '',
      }),
    ),
    {
      what: 'a scan that failed has found nothing',
      fails: Object.keys(FAILURES),
      mutation: { manners: { hidesFailures: true } },
    },
  ];
}

/** Is overwhelmed by a few at once. */
function crowded(): Mutant {
  let inside = 0;
  return {
    what: 'a few at once are too many',
    fails: ['A14'],
    mutation: {
      async reply(_, right) {
        inside++;
        const isCrowded = inside > 3;
        // Turns of the loop, and no time: those who ask at once are all here by then, however slow the machine is.
        for (let turns = 0; turns < 1_000; turns++) await turn();
        inside--;
        return isCrowded ? problem(503, 'crowded') : right;
      },
    },
  };
}

/** Accepts what it should refuse. */
function lax(id: string, what: string, when: (request: Record<string, unknown>) => boolean): Mutant {
  return replies(
    id,
    what,
    (call, { status }) =>
      isSubmit(call) && status >= 400 && isJson(call.body) && isObject(call.body) && when(requestOf(call)),
    accept,
  );
}

/** Refuses what it should accept. */
function strict(id: string, what: string, when: (request: Record<string, unknown>) => boolean): Mutant {
  return replies(
    id,
    what,
    (call, { status }) => isSubmit(call) && status === 202 && when(requestOf(call)),
    problem(422, 'no'),
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isObject(text: string): boolean {
  return (
    text.startsWith('{') && typeof part(JSON.parse(text) as Record<string, unknown>, 'registry')['url'] === 'string'
  );
}
