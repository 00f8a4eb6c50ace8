import { isObject } from '../adapter/declared.js';

/** An SBOM as far as the checks need it, whatever its format. */
export interface SbomSummary {
  faults: string[];
  packages: number;
}

/**
 * Looks whether a document is SPDX 2.2 or 2.3 in JSON: its own fields, the packages, and that relationships lead to
 * something. Not the whole of its schema.
 *
 * @see SPDX specification 2.3, clauses 6, 7 and 11.
 */
export function judgeSpdx(document: Readonly<Record<string, unknown>>): SbomSummary {
  const packages = objectsIn(document['packages']);
  const ids = new Set<unknown>([
    document['SPDXID'],
    ...[packages, objectsIn(document['files']), objectsIn(document['snippets'])].flat().map((item) => item['SPDXID']),
  ]);
  const creation = isObject(document['creationInfo']) ? document['creationInfo'] : {};
  const faults = [
    demand(/^SPDX-2\.[23]$/.test(textOf(document['spdxVersion'])), 'spdxVersion is not SPDX-2.2 or SPDX-2.3'),
    demand(document['dataLicense'] === 'CC0-1.0', 'dataLicense is not CC0-1.0'),
    demand(document['SPDXID'] === 'SPDXRef-DOCUMENT', 'SPDXID is not SPDXRef-DOCUMENT'),
    demand(textOf(document['name']) !== '', 'name is missing'),
    demand(isNamespace(document['documentNamespace']), 'documentNamespace is no absolute address without #'),
    demand(!Number.isNaN(Date.parse(textOf(creation['created']))), 'creationInfo.created is no time'),
    demand(
      textsIn(creation['creators']).some(isCreator),
      'creationInfo.creators names no Tool:, Organization: or Person:',
    ),
    ...packages.flatMap((item, index) => spdxPackageFaults(item, `packages[${index}]`)),
    ...duplicates(packages.map((item) => item['SPDXID'])).map((id) => `SPDXID ${id} is there twice`),
    ...objectsIn(document['relationships']).flatMap((item, index) =>
      ['spdxElementId', 'relatedSpdxElement']
        .filter((key) => !isKnownElement(item[key], ids))
        .map((key) => `relationships[${index}].${key} ${JSON.stringify(item[key])} does not exist`),
    ),
  ];
  return { faults: faults.filter((fault) => fault !== null), packages: packages.length };
}

/**
 * Looks whether a document is CycloneDX 1.4 or newer in JSON: its own fields, the components, and that dependencies
 * lead to something. Not the whole of its schema.
 *
 * @see ECMA-424 (CycloneDX), bom, component and dependency.
 */
export function judgeCyclonedx(document: Readonly<Record<string, unknown>>): SbomSummary {
  const components = objectsIn(document['components']);
  const metadata = isObject(document['metadata']) ? document['metadata'] : {};
  const subject = isObject(metadata['component']) ? [metadata['component']] : [];
  const references = referencesIn(document);
  const known = new Set(references);
  const faults = [
    demand(document['bomFormat'] === 'CycloneDX', 'bomFormat is not CycloneDX'),
    demand(/^1\.(?:[4-9]|\d\d)$/.test(textOf(document['specVersion'])), 'specVersion is not 1.4 or newer'),
    demand(isVersion(document['version']), 'version is no whole number from 1'),
    demand(isSerialNumber(document['serialNumber']), 'serialNumber is no urn:uuid:'),
    ...[...subject, ...components].flatMap((item, index) => componentFaults(item, `components[${index}]`)),
    ...duplicates(references).map((ref) => `bom-ref ${ref} is there twice`),
    ...objectsIn(document['dependencies']).flatMap((item, index) =>
      [item['ref'], ...textsIn(item['dependsOn'])]
        .filter((ref) => !known.has(ref))
        .map((ref) => `dependencies[${index}] names ${JSON.stringify(ref)}, which does not exist`),
    ),
  ];
  return { faults: faults.filter((fault) => fault !== null), packages: components.length };
}

function spdxPackageFaults(item: Readonly<Record<string, unknown>>, place: string): (string | null)[] {
  return [
    demand(
      /^SPDXRef-[A-Za-z0-9.-]+$/.test(textOf(item['SPDXID'])),
      `${place}.SPDXID is ${JSON.stringify(item['SPDXID'])}`,
    ),
    demand(textOf(item['name']) !== '', `${place}.name is missing`),
    demand(textOf(item['downloadLocation']) !== '', `${place}.downloadLocation is missing (NOASSERTION will do)`),
  ];
}

function componentFaults(item: Readonly<Record<string, unknown>>, place: string): (string | null)[] {
  return [
    demand(COMPONENT_TYPES.has(textOf(item['type'])), `${place}.type is ${JSON.stringify(item['type'])}`),
    demand(textOf(item['name']) !== '', `${place}.name is missing`),
  ];
}

const COMPONENT_TYPES = new Set([
  ...['application', 'framework', 'library', 'container', 'platform', 'operating-system', 'device', 'device-driver'],
  ...['firmware', 'file', 'machine-learning-model', 'data', 'cryptographic-asset'],
]);

function demand(isMet: boolean, fault: string): string | null {
  return isMet ? null : fault;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? (value as unknown[]).filter((item) => typeof item === 'string') : [];
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isObject) : [];
}

function isNamespace(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && !value.includes('#');
}

function isCreator(creator: string): boolean {
  return /^(?:Tool|Organization|Person): ?\S/.test(creator);
}

/** Components may hold components, and services have references too. */
function referencesIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return (value as unknown[]).flatMap(referencesIn);
  if (!isObject(value)) return [];
  const own = value['bom-ref'] === undefined ? [] : [value['bom-ref']];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
}

/** Elements of other documents cannot be looked up. */
function isKnownElement(id: unknown, ids: ReadonlySet<unknown>): boolean {
  return ids.has(id) || id === 'NONE' || id === 'NOASSERTION' || /^DocumentRef-.+:/.test(textOf(id));
}

function isVersion(value: unknown): boolean {
  return value === undefined || (Number.isInteger(value) && Number(value) >= 1);
}

function isSerialNumber(value: unknown): boolean {
  return value === undefined || /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(textOf(value));
}

function duplicates(values: readonly unknown[]): string[] {
  const seen = new Set<unknown>();
  return values.flatMap((value) => {
    if (seen.has(value)) return [String(value)];
    seen.add(value);
    return [];
  });
}
