import { MediaType } from '@breakwater/oci';
import { MetadataProperty, SBOM_FORMATS, ScannerMediaType, VULNERABILITY_REPORT_TYPES } from '@breakwater/scanner-spec';
import { isObject } from '../adapter/declared.js';
import { type Exchange, describe, header, json } from '../adapter/exchange.js';
import { checks, failed, notApplicable, passed, verdictOf } from './check.js';
import { EVERYWHERE, HARBOR, ROBUST, SINCE_1_0, SINCE_1_1, SINCE_1_2, except } from './profile.js';

const PATH = '/api/v1/metadata';
const SOURCE = 'pluggable scanner spec, GET /metadata';
const KNOWN_REPORTS: readonly string[] = [
  ...VULNERABILITY_REPORT_TYPES,
  ScannerMediaType.RAW_REPORT,
  ScannerMediaType.SBOM_REPORT,
];
const METADATA_TYPES: readonly string[] = [ScannerMediaType.METADATA, ScannerMediaType.METADATA_1_1];

export const METADATA_CHECKS = checks([
  {
    id: 'A1',
    title: 'answers with a JSON object within five seconds',
    asked: `GET ${PATH}`,
    source: SOURCE,
    advice: 'Answer 200 from what is in memory: registries ask whenever somebody opens a page.',
    required: EVERYWHERE,
    async run(kit) {
      const exchange = await kit.adapter.get(PATH, { Accept: ScannerMediaType.METADATA });
      if (exchange.status === 200 && !isObject(json(exchange))) return failed(`${describe(exchange)}: no JSON object`);
      return exchange.status === 200 && exchange.durationMs <= kit.options.answerWithinMs
        ? passed(describe(exchange))
        : failed(describe(exchange));
    },
  },
  {
    id: 'A2',
    title: 'names the media type of the metadata to the byte',
    asked: `GET ${PATH} with Accept: ${ScannerMediaType.METADATA}`,
    source: `${SOURCE}, 200`,
    advice: `Send Content-Type: ${ScannerMediaType.METADATA}, the space after the semicolon included.`,
    required: SINCE_1_0,
    advised: HARBOR,
    async run({ adapter }) {
      const exchange = await adapter.get(PATH, { Accept: ScannerMediaType.METADATA });
      return METADATA_TYPES.includes(header(exchange, 'content-type') ?? '')
        ? passed(describe(exchange))
        : failed(describe(exchange));
    },
  },
  {
    id: 'A3',
    title: 'answers whoever accepts anything, or does not say',
    asked: `GET ${PATH} without Accept, and with Accept: */*`,
    source: `${SOURCE}; RFC 9110, 12.5.1`,
    advice: 'A missing Accept means that everything is accepted.',
    required: SINCE_1_0,
    advised: HARBOR,
    async run({ adapter }) {
      return all200([await adapter.get(PATH), await adapter.get(PATH, { Accept: '*/*' })]);
    },
  },
  {
    id: 'A4',
    title: 'answers whoever accepts version 1.1 of the metadata',
    asked: `GET ${PATH} with Accept: ${ScannerMediaType.METADATA_1_1}`,
    source: `${SOURCE}, 1.2`,
    advice: 'Since 1.2 registries may ask for either version of the metadata.',
    required: SINCE_1_2,
    async run({ adapter }) {
      return all200([await adapter.get(PATH, { Accept: ScannerMediaType.METADATA_1_1 })]);
    },
  },
  {
    id: 'A5',
    title: 'says who scans: name, vendor, version',
    asked: `GET ${PATH}`,
    source: `${SOURCE}, ScannerAdapterMetadata.scanner`,
    advice: 'Fill scanner.name, scanner.vendor and scanner.version; Harbor refuses the adapter otherwise.',
    required: EVERYWHERE,
    async run(kit) {
      const { scanner } = await kit.declared();
      const empty = ['name', 'vendor', 'version'].filter((key) => !isText(scanner[key]));
      return verdictOf(
        empty.map((key) => `scanner.${key} is ${JSON.stringify(scanner[key])}`),
        JSON.stringify(scanner),
      );
    },
  },
  {
    id: 'A6',
    title: 'has a capability, and each one consumes image manifests',
    asked: `GET ${PATH}`,
    source: `${SOURCE}, ScannerCapability.consumes_mime_types`,
    advice: `Name ${MediaType.DockerManifest} and ${MediaType.OciManifest} in every capability; Harbor refuses an adapter without the first.`,
    required: EVERYWHERE,
    async run(kit) {
      const { capabilities } = await kit.declared();
      if (capabilities.length === 0) return failed('capabilities is missing or empty');
      const isHarbor = kit.options.profile === 'harbor-strict';
      const needed = isHarbor ? [MediaType.DockerManifest] : [MediaType.DockerManifest, MediaType.OciManifest];
      const problems = capabilities.flatMap(({ consumes }, index) =>
        needed
          .filter((type) => !consumes.includes(type))
          .map((type) => `capabilities[${index}] does not consume ${type}`),
      );
      return verdictOf(problems, `${capabilities.length} capabilities`);
    },
  },
  {
    id: 'A7',
    title: 'each capability produces reports that registries know',
    asked: `GET ${PATH}`,
    source: `${SOURCE}, ScannerCapability.produces_mime_types`,
    advice: `Name at least one of ${VULNERABILITY_REPORT_TYPES.join(', ')}, ${ScannerMediaType.SBOM_REPORT} in every capability, to the byte.`,
    required: EVERYWHERE,
    async run(kit) {
      const { capabilities } = await kit.declared();
      const problems = capabilities.flatMap(({ produces }, index) => {
        const unknown = produces.filter((type) => !KNOWN_REPORTS.includes(type));
        const usable = produces.filter((type) => KNOWN_REPORTS.includes(type) && type !== ScannerMediaType.RAW_REPORT);
        return [
          ...unknown.map((type) => `capabilities[${index}] produces ${JSON.stringify(type)}, which nobody reads`),
          ...(usable.length === 0 ? [`capabilities[${index}] produces no report that a registry reads`] : []),
        ];
      });
      return verdictOf(problems, capabilities.map(({ produces }) => produces.join(', ')).join(' | '));
    },
  },
  {
    id: 'A8',
    title: 'names an artifact type in one capability of a kind only',
    asked: `GET ${PATH}`,
    source: `${SOURCE}, ScannerCapability: one artifact type should be in one capability only`,
    advice: 'Merge the capabilities of the same type that consume the same artifacts.',
    required: SINCE_1_0,
    advised: HARBOR,
    async run(kit) {
      const { capabilities } = await kit.declared();
      const seen = new Set<string>();
      const problems = capabilities.flatMap(({ type, consumes }, index) =>
        [...new Set(consumes)].flatMap((artifact) => {
          const key = `${kindOf(type)} ${artifact}`;
          if (seen.has(key)) return [`capabilities[${index}] consumes ${artifact} for ${kindOf(type)} once more`];
          seen.add(key);
          return [];
        }),
      );
      return verdictOf(problems, 'no type twice');
    },
  },
  {
    id: 'A9',
    title: 'properties are texts',
    asked: `GET ${PATH}`,
    source: `${SOURCE}, ScannerAdapterMetadata.properties`,
    advice: 'Every value in properties is a JSON string: "true", not true. Registries written in Go fail on others.',
    required: EVERYWHERE,
    async run(kit) {
      const { document } = await kit.declared();
      const { properties } = document;
      if (properties === undefined) return passed('there are none');
      if (!isObject(properties)) return failed(`properties is ${JSON.stringify(properties)}`);
      const problems = Object.entries(properties)
        .filter(([, value]) => typeof value !== 'string')
        .map(([key, value]) => `properties[${JSON.stringify(key)}] is ${JSON.stringify(value)}`);
      return verdictOf(problems, `${Object.keys(properties).length} properties`);
    },
  },
  {
    id: 'A10',
    title: 'tells the age of its database as RFC 3339 has it',
    asked: `GET ${PATH}`,
    source: `${SOURCE}, property ${MetadataProperty.DATABASE_UPDATED_AT}`,
    advice: 'Write the time like 2026-11-21T08:00:00Z.',
    required: except('harbor-strict'),
    advised: HARBOR,
    async run(kit) {
      const value = (await kit.declared()).properties[MetadataProperty.DATABASE_UPDATED_AT];
      if (value === undefined) return notApplicable('the adapter names no time of its database');
      return isTime(value) ? passed(value) : failed(`it says ${JSON.stringify(value)}`);
    },
  },
  {
    id: 'A11',
    title: 'its database is fresh',
    asked: `GET ${PATH}`,
    source: `${SOURCE}, property ${MetadataProperty.DATABASE_UPDATED_AT}`,
    advice: 'See why the update of the vulnerability database does not run; --max-database-age sets the limit in days.',
    required: [],
    advised: EVERYWHERE,
    async run(kit) {
      const value = (await kit.declared()).properties[MetadataProperty.DATABASE_UPDATED_AT];
      if (!isTime(value)) return notApplicable('the adapter names no time of its database');
      const days = (Date.now() - Date.parse(value)) / (24 * 60 * 60 * 1000);
      return days <= kit.options.maxDatabaseAgeDays
        ? passed(value)
        : failed(`${value} is ${Math.floor(days)} days ago`);
    },
  },
  {
    id: 'A12',
    title: 'wants Basic or Bearer at the registry',
    asked: `GET ${PATH}`,
    source: `${SOURCE}, property ${MetadataProperty.REGISTRY_AUTHORIZATION_TYPE}`,
    advice: 'Say Basic or Bearer, with a capital letter, or leave the property out, which means Basic.',
    required: EVERYWHERE,
    async run(kit) {
      const { authorizationType, properties } = await kit.declared();
      const value = properties[MetadataProperty.REGISTRY_AUTHORIZATION_TYPE];
      return value === undefined || value === 'Basic' || value === 'Bearer'
        ? passed(authorizationType)
        : failed(`it says ${JSON.stringify(value)}`);
    },
  },
  {
    id: 'A13',
    title: 'does not mind a parameter that it does not know',
    asked: `GET ${PATH}?from=scanner-conformance`,
    source: SOURCE,
    advice: 'Ignore query parameters that you do not know: proxies and later versions add some.',
    required: ROBUST,
    advised: except('robust'),
    async run({ adapter }) {
      const exchange = await adapter.get(`${PATH}?from=scanner-conformance`, { Accept: ScannerMediaType.METADATA });
      return all200([exchange]);
    },
  },
  {
    id: 'A14',
    title: 'answers many at once, each within five seconds',
    asked: `GET ${PATH}, twenty at once`,
    source: 'Harbor gives up after five seconds',
    advice: 'Keep the metadata in memory, and let nothing that scans stand in its way.',
    required: ['robust', 'harbor-strict'],
    advised: ['1.0', '1.1', '1.2'],
    async run(kit) {
      const asked = Array.from({ length: kit.options.parallel }, () =>
        kit.adapter.get(PATH, { Accept: ScannerMediaType.METADATA }),
      );
      const exchanges = await Promise.all(asked);
      const slowest = Math.max(...exchanges.map(({ durationMs }) => durationMs));
      const bad = exchanges.filter(
        ({ status, durationMs }) => status !== 200 || durationMs > kit.options.answerWithinMs,
      );
      return verdictOf(bad.map(describe), `${exchanges.length} answers, the slowest after ${Math.round(slowest)} ms`);
    },
  },
  {
    id: 'A15',
    title: 'the type of a capability is a known word',
    asked: `GET ${PATH}`,
    source: `${SOURCE}, 1.2, ScannerCapability.type`,
    advice: 'Say vulnerability or sbom. A capability without a type counts as vulnerability.',
    required: SINCE_1_2,
    advised: HARBOR,
    async run(kit) {
      const { capabilities } = await kit.declared();
      const problems = capabilities.flatMap(({ type, produces }, index) => {
        if (kindOf(type) !== 'vulnerability' && kindOf(type) !== 'sbom')
          return [`capabilities[${index}].type is ${JSON.stringify(type)}`];
        const isSbom = produces.includes(ScannerMediaType.SBOM_REPORT);
        return isSbom === (kindOf(type) === 'sbom')
          ? []
          : [`capabilities[${index}] is of type ${kindOf(type)} and produces ${produces.join(', ')}`];
      });
      return verdictOf(problems, capabilities.map(({ type }) => kindOf(type)).join(', '));
    },
  },
  {
    id: 'A16',
    title: 'a capability of type sbom names its formats',
    asked: `GET ${PATH}`,
    source: `${SOURCE}, 1.2, additional_attributes.sbom_media_types`,
    advice: `Name ${SBOM_FORMATS.join(' and ')}, or the one that you write.`,
    required: SINCE_1_2,
    async run(kit) {
      const { capabilities } = await kit.declared();
      const sbom = capabilities.filter(({ type }) => type === 'sbom');
      if (sbom.length === 0) return notApplicable('the adapter declares no SBOM');
      const formats = sbom.map(({ sbomFormats }) => sbomFormats);
      const known: readonly string[] = SBOM_FORMATS;
      const problems = formats.flatMap((names) =>
        names.length === 0
          ? ['additional_attributes.sbom_media_types is missing or empty']
          : names.filter((name) => !known.includes(name)).map((name) => `${JSON.stringify(name)} is no known format`),
      );
      return verdictOf(problems, formats.flat().join(', '));
    },
  },
  {
    id: 'A17',
    title: 'produces the generic report of 1.1',
    asked: `GET ${PATH}`,
    source: `${SOURCE}, 1.1, produces_mime_types`,
    advice: `Offer ${ScannerMediaType.GENERIC_REPORT} beside what you offer now: it carries CVSS and CWE.`,
    required: SINCE_1_1,
    async run(kit) {
      const { vulnerabilityTypes } = await kit.declared();
      if (vulnerabilityTypes.length === 0) return notApplicable('the adapter does not look for vulnerabilities');
      return vulnerabilityTypes.includes(ScannerMediaType.GENERIC_REPORT)
        ? passed(ScannerMediaType.GENERIC_REPORT)
        : failed(`it produces ${vulnerabilityTypes.join(', ')}`);
    },
  },
]);

function all200(exchanges: readonly Exchange[]): ReturnType<typeof verdictOf> {
  const bad = exchanges.filter(({ status }) => status !== 200);
  return verdictOf(bad.map(describe), exchanges.map(describe).join('\n'));
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

/** Missing means vulnerability, as before 1.2. */
function kindOf(type: unknown): string {
  if (type === undefined || type === null) return 'vulnerability';
  return typeof type === 'string' ? type : JSON.stringify(type);
}

export function isTime(value: unknown): value is string {
  const form = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
  return typeof value === 'string' && form.test(value) && !Number.isNaN(Date.parse(value));
}
