import { CYCLONEDX, ScannerMediaType } from '@breakwater/scanner-spec';
import { isObject } from '../adapter/declared.js';
import { describe, errorMessage, header, json } from '../adapter/exchange.js';
import { type Kit, type Scan, describeScan, isRefusal, reportPath, sbomQuestion } from '../kit.js';
import { isTime } from './a-metadata.js';
import { BlockedError } from './blocked.error.js';
import { type Check, type Verdict, checks, verdictOf, whereSbom } from './check.js';
import { ROBUST, SINCE_1_2, except } from './profile.js';
import { schemaFaults } from './report-schema.js';
import { type SbomSummary, judgeCyclonedx, judgeSpdx } from './sbom-document.js';

const SOURCE = 'pluggable scanner spec, 1.2, SBOM report';
const IN: Pick<Check, 'required' | 'advised'> = { required: [...SINCE_1_2, 'harbor-strict'] };

export const SBOM_CHECKS = checks([
  whereSbom({
    id: 'D1',
    title: 'delivers the SBOM in every format that it declares',
    asked: 'a scan of type sbom for each format, then GET …/report?sbom_media_type=… until it is not 302',
    source: `${SOURCE}, 200`,
    advice:
      'Look at the adapter’s log for this scan. The format is URL-encoded in the query, as + is a blank otherwise.',
    ...IN,
    async run(kit) {
      const { sbomFormats } = await kit.declared();
      const results: { format: string; scan: Scan }[] = [];
      for (const format of sbomFormats) results.push({ format, scan: await kit.mainScan(sbomQuestion(format)) });
      const bad = results.filter(({ scan }) => scan.last?.status !== 200);
      return verdictOf(
        bad.map(({ format, scan }) => `${format}: ${describeScan(scan, kit.tooLate)}`),
        results.map(({ scan }) => describeScan(scan, kit.tooLate)).join('\n'),
      );
    },
  }),
  whereSbom({
    id: 'D2',
    title: 'names the media type of the SBOM report to the byte',
    asked: 'GET …/report?sbom_media_type=…',
    source: `${SOURCE}, 200`,
    advice: `Send Content-Type: ${ScannerMediaType.SBOM_REPORT}; the format is in the body.`,
    required: SINCE_1_2,
    advised: ['harbor-strict'],
    run: (kit) =>
      judgeSboms(kit, ({ scan }) => {
        const type = header(scan.last!, 'content-type');
        return type === ScannerMediaType.SBOM_REPORT ? [] : [`Content-Type: ${type}`];
      }),
  }),
  whereSbom({
    id: 'D3',
    title: 'takes the format also when its slash is not encoded',
    asked: 'GET …/report?sbom_media_type=application/spdx%2Bjson',
    source: 'RFC 3986, 3.4: a slash may stand in a query',
    advice: 'Let the library of your framework decode the query.',
    required: ROBUST,
    advised: ['1.2', 'harbor-strict'],
    async run(kit) {
      const question = sbomQuestion((await kit.declared()).sbomFormats[0]!);
      const { id } = await kit.mainScan(question);
      await kit.mainReport(question);
      const path = reportPath(id, question).replace('%2F', '/');
      const exchange = await kit.adapter.get(path, { Accept: question.accept });
      return verdictOf(exchange.status === 200 ? [] : [describe(exchange)], describe(exchange));
    },
  }),
  whereSbom({
    id: 'D4',
    title: 'refuses with 400 when no format is named',
    asked: 'GET …/report without sbom_media_type',
    source: `${SOURCE}, 400`,
    advice: 'Answer 400 with the error document.',
    required: SINCE_1_2,
    async run(kit) {
      const question = sbomQuestion((await kit.declared()).sbomFormats[0]!);
      const { id } = await kit.mainScan(question);
      await kit.mainReport(question);
      const exchange = await kit.adapter.get(reportPath(id, { sbomFormat: null }), { Accept: question.accept });
      const isRight = exchange.status === 400 && errorMessage(exchange) !== null;
      return verdictOf(isRight ? [] : [describe(exchange)], describe(exchange));
    },
  }),
  whereSbom({
    id: 'D5',
    title: 'refuses a format that was not asked for',
    asked: 'GET …/report?sbom_media_type=application/vnd.unheard-of+json',
    source: `${SOURCE}, 400 and 404`,
    advice: 'Answer 400 for a format that you do not know, 404 for one that this scan did not make.',
    required: SINCE_1_2,
    async run(kit) {
      const question = sbomQuestion((await kit.declared()).sbomFormats[0]!);
      const { id } = await kit.mainScan(question);
      await kit.mainReport(question);
      const exchange = await kit.ask(id, sbomQuestion('application/vnd.unheard-of+json'));
      return verdictOf(isRefusal(exchange) ? [] : [describe(exchange)], describe(exchange));
    },
  }),
  whereSbom({
    id: 'D6',
    title: 'the SBOM report has the fields of the specification, and the document as an object',
    asked: 'the SBOM of an ordinary image',
    source: SOURCE,
    advice: 'sbom is the document itself, not a text with the document in it.',
    ...IN,
    run: (kit) => judgeSboms(kit, ({ document }) => schemaFaults('sbomReport', document)),
  }),
  whereSbom({
    id: 'D7',
    title: 'says in media_type which format it is',
    asked: 'the SBOM of an ordinary image',
    source: `${SOURCE}.media_type`,
    advice: 'Give back the format that was asked for.',
    ...IN,
    run: (kit) =>
      judgeSboms(kit, ({ document, format }) =>
        document['media_type'] === format ? [] : [`media_type is ${JSON.stringify(document['media_type'])}`],
      ),
  }),
  whereSbom({
    id: 'D8',
    title: 'the document is sound SPDX or CycloneDX',
    asked: 'the SBOM of an ordinary image',
    source: 'SPDX 2.3; CycloneDX 1.4 and newer',
    advice: 'Check the document with the tools of its format; registries store it and others read it.',
    required: SINCE_1_2,
    advised: ['harbor-strict'],
    run: (kit) => judgeSboms(kit, (report) => summarize(report).faults.map((fault) => `${report.format}: ${fault}`)),
  }),
  whereSbom({
    id: 'D9',
    title: 'the document names packages',
    asked: 'the SBOM of Debian 12 with four packages',
    source: 'good practice',
    advice: 'Look whether /var/lib/dpkg/status is read.',
    required: ROBUST,
    advised: except('robust', '1.0', '1.1'),
    run: (kit) =>
      judgeSboms(kit, (report) => (summarize(report).packages > 0 ? [] : [`${report.format}: no packages`])),
  }),
  whereSbom({
    id: 'D10',
    title: 'the document says by digest of which artifact it is',
    asked: 'the SBOM of an ordinary image',
    source: 'good practice: an SBOM that has left the registry is worthless without it',
    advice: 'Put the digest into the name or purl of the package (SPDX) or of metadata.component (CycloneDX).',
    required: [],
    advised: [...SINCE_1_2, 'harbor-strict'],
    run: (kit) =>
      judgeSboms(kit, ({ document, format, scan }) => {
        const [, hex = ''] = scan.request.artifact.digest.split(':');
        return JSON.stringify(document['sbom']).includes(hex) ? [] : [`${format}: the digest is not in it`];
      }),
  }),
  whereSbom({
    id: 'D11',
    title: 'says what was scanned, by whom and when',
    asked: 'the SBOM of an ordinary image',
    source: `${SOURCE}: artifact, scanner, generated_at`,
    advice: 'Give back repository and digest of the request and the scanner of the metadata; the time in RFC 3339.',
    required: SINCE_1_2,
    advised: ['harbor-strict'],
    async run(kit) {
      const { scanner } = await kit.declared();
      return judgeSboms(kit, ({ document, scan }) => {
        const echo = isObject(document['artifact']) ? document['artifact'] : {};
        const said = isObject(document['scanner']) ? document['scanner'] : {};
        return [
          ...(['repository', 'digest'] as const)
            .filter((key) => echo[key] !== scan.request.artifact[key])
            .map((key) => `artifact.${key} is ${JSON.stringify(echo[key])}`),
          ...['name', 'vendor', 'version']
            .filter((key) => said[key] !== scanner[key])
            .map((key) => `scanner.${key} is ${JSON.stringify(said[key])}`),
          ...(isTime(document['generated_at']) ? [] : [`generated_at is ${JSON.stringify(document['generated_at'])}`]),
        ];
      });
    },
  }),
]);

interface Sbom {
  format: string;
  document: Readonly<Record<string, unknown>>;
  scan: Scan;
}

async function judgeSboms(kit: Kit, faultsOf: (sbom: Sbom) => string[]): Promise<Verdict> {
  const sboms = await sbomsOf(kit);
  return verdictOf(sboms.flatMap(faultsOf), sboms.map(({ format }) => format).join(', '));
}

/** Blocked by D1 when a format does not come, by D6 when it is no object. */
async function sbomsOf(kit: Kit): Promise<Sbom[]> {
  const sboms: Sbom[] = [];
  for (const format of (await kit.declared()).sbomFormats) {
    const document = json(await kit.mainReport(sbomQuestion(format)));
    if (!isObject(document)) throw new BlockedError('D6', `${format}: no JSON object`);
    sboms.push({ format, document, scan: await kit.mainScan(sbomQuestion(format)) });
  }
  return sboms;
}

function summarize({ format, document }: Sbom): SbomSummary {
  const { sbom } = document;
  if (!isObject(sbom)) throw new BlockedError('D6', `${format}: sbom is no object`);
  return format === CYCLONEDX ? judgeCyclonedx(sbom) : judgeSpdx(sbom);
}
