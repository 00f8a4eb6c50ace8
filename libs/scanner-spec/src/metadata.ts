import { isSameMediaType, ScannerMediaType, SCANNABLE_MANIFEST_TYPES, findReportType } from './media-types.js';
import type { Parsed } from './reading/fault.js';
import { Reading, type JsonObject } from './reading/reading.js';
import { cleanText, shorten } from './reading/text.js';

/** Who scans, as metadata and reports name it. */
export interface Scanner {
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
}

/** What an adapter can do, in the field names of the specification. */
export interface Capability {
  /** `vulnerability`, `sbom`, or a vendor's own word. Since 1.2; missing means `vulnerability`. */
  readonly type?: string;
  readonly consumes_mime_types: readonly string[];
  readonly produces_mime_types: readonly string[];
  readonly additional_attributes?: { readonly sbom_media_types?: readonly string[] };
}

/** Answer of `GET /metadata`. */
export interface ScannerMetadata {
  readonly scanner: Scanner;
  readonly capabilities: readonly Capability[];
  readonly properties: Readonly<Record<string, string>>;
}

/** Keys of `properties` that the specification or Harbor know. */
export const MetadataProperty = {
  SCANNER_TYPE: 'harbor.scanner-adapter/scanner-type',
  DATABASE_UPDATED_AT: 'harbor.scanner-adapter/vulnerability-database-updated-at',
  DATABASE_NEXT_UPDATE_AT: 'harbor.scanner-adapter/vulnerability-database-next-update-at',
  /** `Basic` (also when missing) or `Bearer`: how the adapter wants to sign in at the registry. */
  REGISTRY_AUTHORIZATION_TYPE: 'harbor.scanner-adapter/registry-authorization-type',
} as const;

/**
 * Reads the answer of `GET /metadata`. Unusable (value null): no object, a scanner without name, vendor or version, or
 * no capability from which a report could ever come. A capability that we cannot use beside one that we can is named
 * and kept: it is an extension, and no reason to refuse the adapter.
 */
export function parseMetadata(document: unknown): Parsed<ScannerMetadata> {
  const reading = new Reading();
  const root = reading.root(document);
  if (root === null) return reading.finish(null);
  const scanner = parseScanner(reading, root, '', { isFatal: true });
  const capabilities = parseCapabilities(reading, root);
  const properties = parseProperties(reading, root);
  return reading.finish(scanner && { scanner, capabilities, properties });
}

/** The `scanner` of metadata and reports. A part that is missing becomes an empty text; null: there is none at all. */
export function parseScanner(
  reading: Reading,
  root: JsonObject,
  base: string,
  { isFatal }: { readonly isFatal: boolean },
): Scanner | null {
  const from = reading.object(root, base, 'scanner', { isRequired: true, isFatal });
  if (from === null) return null;
  const part = (key: string): string =>
    reading.text(from, `${base}scanner.`, key, { isRequired: true, isFatal, maxLength: 255 }) ?? '';
  return { name: part('name'), vendor: part('vendor'), version: part('version') };
}

const MAX_CAPABILITIES = 64;
const MAX_PROPERTIES = 256;

function parseCapabilities(reading: Reading, root: JsonObject): Capability[] {
  const list = reading.list(root, '', 'capabilities', { isRequired: true, isFatal: true, most: MAX_CAPABILITIES });
  const capabilities = list.flatMap((item, index) => {
    const path = `capabilities[${index}]`;
    if (!reading.isObject(item)) {
      reading.note(path, 'wrong-type', 'is not an object');
      return [];
    }
    return [parseCapability(reading, item, `${path}.`)];
  });
  if (!capabilities.some(isUsable))
    reading.note(
      'capabilities',
      'invalid',
      'has none that consumes image manifests and produces a report that is known here',
      { isFatal: true },
    );
  return capabilities;
}

function parseCapability(reading: Reading, from: JsonObject, base: string): Capability {
  const type = reading.text(from, base, 'type', { maxLength: 255 });
  const consumes = reading.texts(from, base, 'consumes_mime_types', { isRequired: true });
  const produces = reading.texts(from, base, 'produces_mime_types', { isRequired: true });
  if (!consumesImages(consumes))
    reading.note(`${base}consumes_mime_types`, 'invalid', `lacks ${SCANNABLE_MANIFEST_TYPES[0]}`);
  if (!produces.some((mediaType) => findReportType(mediaType)))
    reading.note(`${base}produces_mime_types`, 'invalid', 'names no report that is known here');
  const attributes = reading.object(from, base, 'additional_attributes');
  const isSbom = produces.some((mediaType) => isSameMediaType(mediaType, ScannerMediaType.SBOM_REPORT));
  const formats =
    attributes &&
    reading.texts(attributes, `${base}additional_attributes.`, 'sbom_media_types', { isRequired: isSbom });
  return {
    ...(type === null ? {} : { type }),
    consumes_mime_types: consumes,
    produces_mime_types: produces,
    ...(formats === null || formats.length === 0 ? {} : { additional_attributes: { sbom_media_types: formats } }),
  };
}

function parseProperties(reading: Reading, root: JsonObject): Readonly<Record<string, string>> {
  const from = reading.object(root, '', 'properties');
  const keys = Object.keys(from ?? {});
  if (keys.length > MAX_PROPERTIES)
    reading.note('properties', 'invalid', `has ${keys.length} entries, ${MAX_PROPERTIES} are kept`);
  const entries = keys.slice(0, MAX_PROPERTIES).flatMap((key) => {
    const text = reading.text(from ?? {}, 'properties.', key, { maxLength: 4096 });
    return text === null ? [] : [[shorten(cleanText(key), 255), text] as const];
  });
  return Object.fromEntries(entries);
}

function isUsable({ consumes_mime_types: consumes, produces_mime_types: produces }: Capability): boolean {
  return consumesImages(consumes) && produces.some((mediaType) => findReportType(mediaType) !== null);
}

function consumesImages(consumes: readonly string[]): boolean {
  return consumes.some((type) => SCANNABLE_MANIFEST_TYPES.some((known) => isSameMediaType(type, known)));
}
