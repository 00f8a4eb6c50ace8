/** What an adapter says of itself, in the field names of the scanner API: `ScannerMetadata` of libs/scanner-spec. */
export interface AdapterMetadata {
  readonly scanner: { readonly name: string; readonly vendor: string; readonly version: string };
  readonly capabilities: readonly AdapterCapability[];
  readonly properties: Readonly<Record<string, string>>;
}

export interface AdapterCapability {
  /** `vulnerability`, `sbom` or a word of the vendor; adapters of 1.0 and 1.1 do not say, and mean the first. */
  readonly type?: string;
  readonly consumes_mime_types: readonly string[];
  readonly produces_mime_types: readonly string[];
  readonly additional_attributes?: { readonly sbom_media_types?: readonly string[] };
}

/** What lists show of an adapter, under Harbor's names. */
export interface ScannerAbilities {
  readonly support_vulnerability: boolean;
  readonly support_sbom: boolean;
}

export function abilitiesOf({ capabilities }: Pick<AdapterMetadata, 'capabilities'>): ScannerAbilities {
  const types = capabilities.map(({ type }) => type ?? 'vulnerability');
  return { support_vulnerability: types.includes('vulnerability'), support_sbom: types.includes('sbom') };
}
