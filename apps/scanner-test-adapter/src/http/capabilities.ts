import {
  CYCLONEDX,
  MetadataProperty,
  SCANNABLE_MANIFEST_TYPES,
  ScannerMediaType,
  SPDX,
  type Capability,
  type Scanner,
  type ScannerMetadata,
} from '@breakwater/scanner-spec';
import type { AdapterSettings } from '../adapter-options.js';

/** What this adapter says of itself. */
export function metadataOf(settings: AdapterSettings, scanner: Scanner, startedAt: Date): ScannerMetadata {
  return {
    scanner,
    capabilities: capabilitiesOf(settings),
    properties: {
      [MetadataProperty.SCANNER_TYPE]: 'os-package-vulnerability',
      [MetadataProperty.DATABASE_UPDATED_AT]: startedAt.toISOString(),
      [MetadataProperty.REGISTRY_AUTHORIZATION_TYPE]: settings.registryAuthorization,
    },
  };
}

function capabilitiesOf({ version, flavour }: AdapterSettings): Capability[] {
  const consumes = { consumes_mime_types: [...SCANNABLE_MANIFEST_TYPES] };
  const { NATIVE_REPORT, GENERIC_REPORT, SBOM_REPORT } = ScannerMediaType;
  if (version === '1.0') return [{ ...consumes, produces_mime_types: [NATIVE_REPORT] }];
  const reports = flavour === 'trivy' ? [GENERIC_REPORT] : [GENERIC_REPORT, NATIVE_REPORT];
  if (version === '1.1') return [{ ...consumes, produces_mime_types: reports }];
  return [
    { type: 'vulnerability', ...consumes, produces_mime_types: reports },
    {
      type: 'sbom',
      ...consumes,
      produces_mime_types: [SBOM_REPORT],
      additional_attributes: { sbom_media_types: [SPDX, CYCLONEDX] },
    },
  ];
}
