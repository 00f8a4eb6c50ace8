import {
  findReportType,
  findSbomFormat,
  isSameMediaType,
  SBOM_FORMATS,
  ScannerMediaType,
  VULNERABILITY_REPORT_TYPES,
  type ReportType,
  type SbomFormat,
} from './media-types.js';
import { MetadataProperty, type Capability, type ScannerMetadata } from './metadata.js';
import type { ScanKind } from './scan-request.js';

/** What Harbor's API says of a scanner in `capabilities`. */
export interface SupportedKinds {
  readonly support_vulnerability: boolean;
  readonly support_sbom: boolean;
}

/** How to ask an adapter for one kind of report about one type of artifact. */
export interface ScanOffer {
  readonly capability: Capability;
  /** That the capability produces and we can read, the richer first. Never empty. */
  readonly reportTypes: readonly ReportType[];
  /** Of kind `sbom`; empty for others. */
  readonly sbomFormats: readonly SbomFormat[];
  /** The adapter speaks 1.2, and can be told which capability is meant. */
  readonly knowsCapabilities: boolean;
}

/** The capability that consumes such artifacts and produces such reports; null: this scanner cannot do it. */
export function findOffer(metadata: ScannerMetadata, kind: ScanKind, artifactMediaType: string): ScanOffer | null {
  for (const capability of metadata.capabilities) {
    const reportTypes = reportTypesOf(capability, kind);
    const isConsumed = capability.consumes_mime_types.some((type) => isSameMediaType(type, artifactMediaType));
    if (isConsumed && reportTypes.length > 0)
      return {
        capability,
        reportTypes,
        sbomFormats: kind === 'sbom' ? sbomFormatsOf(capability) : [],
        knowsCapabilities: metadata.capabilities.some(({ type }) => type !== undefined),
      };
  }
  return null;
}

/** Whether any capability produces reports of this kind, whatever it consumes. */
export function supportsKind(metadata: ScannerMetadata, kind: ScanKind): boolean {
  return metadata.capabilities.some((capability) => reportTypesOf(capability, kind).length > 0);
}

export function supportedKinds(metadata: ScannerMetadata): SupportedKinds {
  return {
    support_vulnerability: supportsKind(metadata, 'vulnerability'),
    support_sbom: supportsKind(metadata, 'sbom'),
  };
}

/** Types of artifacts from which this scanner makes reports of this kind, each once. */
export function consumedTypes(metadata: ScannerMetadata, kind: ScanKind): readonly string[] {
  const able = metadata.capabilities.filter((capability) => reportTypesOf(capability, kind).length > 0);
  return [...new Set(able.flatMap((capability) => capability.consumes_mime_types))];
}

/** How the adapter wants to sign in at the registry; `Basic` unless it says otherwise. */
export function registryAuthorizationType(metadata: ScannerMetadata): 'Basic' | 'Bearer' {
  const word = metadata.properties[MetadataProperty.REGISTRY_AUTHORIZATION_TYPE];
  return word?.trim().toLowerCase() === 'bearer' ? 'Bearer' : 'Basic';
}

/** Null when the adapter does not say, or says no time. */
export function databaseUpdatedAt(metadata: ScannerMetadata): Date | null {
  const date = new Date(metadata.properties[MetadataProperty.DATABASE_UPDATED_AT] ?? NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}

const KIND_WHEN_UNTYPED: ScanKind = 'vulnerability';

function reportTypesOf(capability: Capability, kind: ScanKind): readonly ReportType[] {
  if ((capability.type ?? KIND_WHEN_UNTYPED).trim().toLowerCase() !== kind) return [];
  const produced = new Set(capability.produces_mime_types.map((type) => findReportType(type)));
  const readable = kind === 'sbom' ? [ScannerMediaType.SBOM_REPORT] : VULNERABILITY_REPORT_TYPES;
  return readable.filter((type) => produced.has(type));
}

/** An adapter that names none of its formats is asked for both. */
function sbomFormatsOf({ additional_attributes: attributes }: Capability): readonly SbomFormat[] {
  const named = (attributes?.sbom_media_types ?? []).map(findSbomFormat);
  const known = SBOM_FORMATS.filter((format) => named.includes(format));
  return known.length > 0 ? known : SBOM_FORMATS;
}
