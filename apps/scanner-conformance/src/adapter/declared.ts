import { MetadataProperty, ScannerMediaType } from '@breakwater/scanner-spec';

/**
 * What an adapter declares, read without judgement so that every check can be made of whatever is there. The checks of
 * group A judge the document itself.
 */
export interface Declared {
  document: Readonly<Record<string, unknown>>;
  scanner: Readonly<Record<string, unknown>>;
  capabilities: readonly DeclaredCapability[];
  properties: Readonly<Record<string, unknown>>;
  /** Reports of vulnerabilities that some capability offers, as the adapter writes them. */
  vulnerabilityTypes: readonly string[];
  /** Formats that some capability of kind SBOM offers; SPDX when it names none. */
  sbomFormats: readonly string[];
  authorizationType: string;
}

export interface DeclaredCapability {
  /** As declared; undefined when it is not. */
  type: unknown;
  consumes: readonly string[];
  produces: readonly string[];
  sbomFormats: readonly string[];
}

/** @returns null when the document is no object. */
export function readDeclared(document: unknown): Declared | null {
  if (!isObject(document)) return null;
  const capabilities = listOf(document['capabilities']).filter(isObject).map(readCapability);
  const properties = isObject(document['properties']) ? document['properties'] : {};
  const authorizationType = properties[MetadataProperty.REGISTRY_AUTHORIZATION_TYPE];
  const sbom = capabilities.filter(({ produces }) => produces.includes(ScannerMediaType.SBOM_REPORT));
  const formats = sbom.flatMap(({ sbomFormats }) => (sbomFormats.length > 0 ? sbomFormats : ['application/spdx+json']));
  return {
    document,
    scanner: isObject(document['scanner']) ? document['scanner'] : {},
    capabilities,
    properties,
    vulnerabilityTypes: unique(
      capabilities.flatMap(({ produces }) => produces.filter((type) => type !== ScannerMediaType.SBOM_REPORT)),
    ),
    sbomFormats: unique(formats),
    authorizationType: typeof authorizationType === 'string' ? authorizationType : 'Basic',
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readCapability(capability: Record<string, unknown>): DeclaredCapability {
  const attributes = capability['additional_attributes'];
  return {
    type: capability['type'],
    consumes: textsOf(capability['consumes_mime_types']),
    produces: textsOf(capability['produces_mime_types']),
    sbomFormats: textsOf(isObject(attributes) ? attributes['sbom_media_types'] : undefined),
  };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function textsOf(value: unknown): string[] {
  return listOf(value).filter((item) => typeof item === 'string');
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
