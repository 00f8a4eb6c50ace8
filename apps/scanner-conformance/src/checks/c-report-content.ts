import { SEVERITY_RANK, ScannerMediaType, VULNERABILITY_REPORT_TYPES } from '@breakwater/scanner-spec';
import { isObject } from '../adapter/declared.js';
import { json } from '../adapter/exchange.js';
import type { Kit, Scan } from '../kit.js';
import { isTime } from './a-metadata.js';
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
import { EVERYWHERE, HARBOR, ROBUST, SINCE_1_0, SINCE_1_1, except } from './profile.js';
import { schemaFaults } from './report-schema.js';

const SOURCE = 'pluggable scanner spec, HarborVulnerabilityReport';
const MINUTES_5_MS = 5 * 60 * 1000;

/** What a report says, whichever of the declared types it is. Each check looks at all of them. */
export const REPORT_CONTENT_CHECKS = checks([
  whereVulnerabilities({
    id: 'C17',
    title: 'the report has the fields of the specification, of their types',
    asked: 'the report of an ordinary image',
    source: SOURCE,
    advice: 'vulnerabilities is a list also when it is empty; links is a list of texts; nothing required is left out.',
    required: SINCE_1_0,
    advised: HARBOR,
    run: (kit) => judgeReports(kit, ({ document }) => schemaFaults('report', document)),
  }),
  whereVulnerabilities({
    id: 'C18',
    title: 'CVSS, CWE and the vendor’s own fields are of their types',
    asked: 'the report of an ordinary image',
    source: `${SOURCE}, 1.1: preferred_cvss, cwe_ids, vendor_attributes`,
    advice: 'Scores are numbers, not texts; leave a score out when there is none.',
    required: SINCE_1_1,
    advised: HARBOR,
    run: (kit) => judgeReports(kit, ({ document }) => schemaFaults('extensions', document)),
  }),
  items('C19', 'says each severity in a word of the specification', {
    advice: `The words are ${Object.keys(SEVERITY_RANK)
      .filter((word) => word !== 'None')
      .join(', ')}, written like this.`,
    faultOf: ({ severity }) => (isSeverity(severity) ? null : `severity is ${JSON.stringify(severity)}`),
  }),
  whereVulnerabilities({
    id: 'C20',
    title: 'the severity of the report is the worst of its list',
    asked: 'the report of an ordinary image',
    source: `${SOURCE}.severity`,
    advice: 'Compute it from the list that is sent; Unknown when the list is empty.',
    required: SINCE_1_0,
    advised: HARBOR,
    run: (kit) =>
      judgeReports(kit, ({ document, vulnerabilities }) => {
        const { severity } = document;
        const worst = Math.max(0, ...vulnerabilities.map((item) => rankOf(item['severity'])));
        if (isSeverity(severity) && rankOf(severity) === worst) return [];
        if (vulnerabilities.length === 0 && (severity === 'None' || severity === 'Negligible')) return [];
        return [`severity is ${JSON.stringify(severity)}, the worst of the list has rank ${worst}`];
      }),
  }),
  items('C21', 'every link is an absolute address', {
    advice: 'Send addresses that begin with http:// or https://, and leave out what is none.',
    faultOf: ({ links }) => {
      const bad = Array.isArray(links) ? (links as unknown[]).find((link) => !isAbsoluteUrl(link)) : undefined;
      return bad === undefined ? null : `links has ${JSON.stringify(bad)}`;
    },
  }),
  items('C22', 'no fix is the version that is broken', {
    advice: 'Leave fix_version out when there is no fix.',
    faultOf: ({ version, fix_version: fix }) =>
      typeof fix === 'string' && fix !== '' && fix === version ? `fix_version is ${JSON.stringify(fix)}` : null,
  }),
  items('C23', 'scores are from 0 to 10, vectors as CVSS writes them', {
    since: SINCE_1_1,
    advice: 'A score is a number from 0 to 10; a vector looks like CVSS:3.1/AV:N/…, for version 2 like AV:N/….',
    faultOf: ({ preferred_cvss: cvss }) => (isObject(cvss) ? cvssFault(cvss) : null),
  }),
  whereVulnerabilities({
    id: 'C24',
    title: 'names a vulnerability of a package and version once',
    asked: 'the report of an ordinary image',
    source: `${SOURCE}; registries keep one row for id, package and version`,
    advice: 'Merge what is found twice, e.g. in two files of one package.',
    required: SINCE_1_0,
    advised: HARBOR,
    run: (kit) =>
      judgeReports(kit, ({ vulnerabilities }) => {
        const seen = new Set<string>();
        return vulnerabilities.flatMap((item) => {
          const key = JSON.stringify([item['id'], item['package'], item['version']]);
          if (seen.has(key)) return [`${key} is there twice`];
          seen.add(key);
          return [];
        });
      }),
  }),
  whereVulnerabilities({
    id: 'C25',
    title: 'says which artifact was scanned',
    asked: 'the report of an ordinary image',
    source: `${SOURCE}.artifact`,
    advice: 'Give back repository and digest as they were in the request.',
    required: SINCE_1_0,
    advised: HARBOR,
    run: (kit) =>
      judgeReports(kit, ({ document, scan }) => {
        const echo = isObject(document['artifact']) ? document['artifact'] : {};
        const { artifact } = scan.request;
        return (['repository', 'digest'] as const)
          .filter((key) => echo[key] !== artifact[key])
          .map((key) => `artifact.${key} is ${JSON.stringify(echo[key])}, asked was ${artifact[key]}`);
      }),
  }),
  whereVulnerabilities({
    id: 'C26',
    title: 'says when the report was made, and it was during the scan',
    asked: 'the report of an ordinary image',
    source: `${SOURCE}.generated_at`,
    advice: 'Write the time of the scan in RFC 3339, with its zone; see that the clock is right.',
    required: SINCE_1_0,
    advised: HARBOR,
    run: (kit) =>
      judgeReports(kit, ({ document, scan }) => {
        const time = document['generated_at'];
        if (!isTime(time)) return [`generated_at is ${JSON.stringify(time)}`];
        const at = Date.parse(time);
        return at >= scan.startedAt - MINUTES_5_MS && at <= scan.endedAt + MINUTES_5_MS
          ? []
          : [`generated_at is ${time}, scanned was until ${new Date(scan.endedAt).toISOString()}`];
      }),
  }),
  whereVulnerabilities({
    id: 'C27',
    title: 'the report is signed by the scanner of the metadata',
    asked: 'the report of an ordinary image',
    source: `${SOURCE}.scanner`,
    advice: 'Use the same name, vendor and version in both places.',
    required: SINCE_1_0,
    advised: HARBOR,
    async run(kit) {
      const { scanner: declared } = await kit.declared();
      return judgeReports(kit, ({ document }) => {
        const said = isObject(document['scanner']) ? document['scanner'] : {};
        return ['name', 'vendor', 'version']
          .filter((key) => said[key] !== declared[key])
          .map(
            (key) =>
              `scanner.${key} is ${JSON.stringify(said[key])}, the metadata say ${JSON.stringify(declared[key])}`,
          );
      });
    },
  }),
  whereVulnerabilities({
    id: 'C28',
    title: 'finds something in an image with packages that have known vulnerabilities',
    asked: 'the report of Debian 12 with openssl 3.0.9-1, curl 7.88.1-10 and others of 2023',
    source: 'good practice: otherwise nothing that the report says has been checked',
    advice:
      'Look whether the database is loaded and /var/lib/dpkg/status is read. Scanners of other things may pass over it.',
    required: [],
    advised: EVERYWHERE,
    async run(kit) {
      const counts = (await reportsOf(kit)).map(({ vulnerabilities }) => vulnerabilities.length);
      return Math.max(...counts) > 0 ? passed(`${counts.join(', ')} vulnerabilities`) : failed('the list is empty');
    },
  }),
]);

interface Report {
  document: Readonly<Record<string, unknown>>;
  vulnerabilities: readonly Readonly<Record<string, unknown>>[];
  scan: Scan;
}

/** A check of every item in the list. With an empty list there is nothing that could be said. */
function items(
  id: Check['id'],
  title: string,
  {
    advice,
    faultOf,
    since = SINCE_1_0,
  }: { advice: string; faultOf: (item: Readonly<Record<string, unknown>>) => string | null; since?: Check['required'] },
): Check {
  return whereVulnerabilities({
    id,
    title,
    asked: 'the report of an ordinary image',
    source: `${SOURCE}.vulnerabilities`,
    advice,
    required: since,
    advised: since === SINCE_1_0 ? HARBOR : except(...since, ...ROBUST),
    async run(kit) {
      const reports = await reportsOf(kit);
      if (reports.every(({ vulnerabilities }) => vulnerabilities.length === 0))
        return notApplicable('nothing was found; see C28');
      return judgeReports(kit, ({ vulnerabilities }) =>
        vulnerabilities.flatMap((item, index) => {
          const fault = faultOf(item);
          return fault === null ? [] : [`vulnerabilities[${index}] (${String(item['id'])}): ${fault}`];
        }),
      );
    },
  });
}

async function judgeReports(kit: Kit, faultsOf: (report: Report) => string[]): Promise<Verdict> {
  const reports = await reportsOf(kit);
  const counts = reports.map(({ vulnerabilities }) => vulnerabilities.length).join(', ');
  return verdictOf(reports.flatMap(faultsOf), `${reports.length} reports with ${counts} vulnerabilities`);
}

/** The reports of the main scan in the types that can be read. Blocked by C1 when there is none. */
async function reportsOf(kit: Kit): Promise<Report[]> {
  const { vulnerabilityTypes } = await kit.declared();
  const types = VULNERABILITY_REPORT_TYPES.filter((type) => vulnerabilityTypes.includes(type));
  if (types.length === 0) throw new BlockedError('A7', `only ${ScannerMediaType.RAW_REPORT} is declared`);
  const reports: Report[] = [];
  for (const accept of types) {
    const question = { accept, sbomFormat: null };
    const document = json(await kit.mainReport(question));
    if (!isObject(document)) throw new BlockedError('C17', 'the report is no JSON object');
    const list: unknown = document['vulnerabilities'];
    const vulnerabilities = Array.isArray(list) ? (list as unknown[]).filter(isObject) : [];
    reports.push({ document, vulnerabilities, scan: await kit.mainScan(question) });
  }
  return reports;
}

function isSeverity(word: unknown): boolean {
  return typeof word === 'string' && Object.hasOwn(SEVERITY_RANK, word) && word !== 'None';
}

/** A word that nobody knows counts as none, so that it fails C19 alone. */
function rankOf(word: unknown): number {
  return isSeverity(word) ? SEVERITY_RANK[word as keyof typeof SEVERITY_RANK] : 0;
}

function isAbsoluteUrl(link: unknown): boolean {
  return typeof link === 'string' && /^https?:\/\//i.test(link) && URL.canParse(link);
}

function cvssFault(cvss: Readonly<Record<string, unknown>>): string | null {
  for (const key of ['score_v3', 'score_v2']) {
    const score = cvss[key];
    if (typeof score === 'number' && !(score >= 0 && score <= 10)) return `preferred_cvss.${key} is ${score}`;
  }
  for (const [key, form] of Object.entries({ vector_v3: VECTOR_3, vector_v2: VECTOR_2 })) {
    const vector = cvss[key];
    if (typeof vector === 'string' && vector !== '' && !form.test(vector))
      return `preferred_cvss.${key} is ${JSON.stringify(vector)}`;
  }
  return null;
}

/** CVSS 3.0 and 3.1, and 4.0 for which the report has no field of its own; CVSS 2, with or without parentheses. */
const VECTOR_3 = /^CVSS:(?:3\.[01]|4\.0)(?:\/[A-Z]{1,3}:[A-Za-z]{1,6})+$/;
const VECTOR_2 = /^\(?AV:[LAN](?:\/[A-Za-z]{1,3}:[A-Z]{1,4})+\)?$/;
