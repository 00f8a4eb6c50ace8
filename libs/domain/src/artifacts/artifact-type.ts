import { MediaType } from '@breakwater/oci';
import { isImageConfig, type ManifestFacts } from './manifest-facts.js';

/** The three columns that say what an artifact is. */
export interface ArtifactKind {
  /** `IMAGE`, `CHART`, `CNAB`, `WASM`, `SBOM`, `CNAI`, a name from the media type in upper case, or `UNKNOWN`. */
  readonly type: string;
  /** Of the config; an index has its own, or what its annotation says. */
  readonly mediaType: string;
  /** The manifest's `artifactType`, else the config's media type; empty for a plain index. */
  readonly artifactType: string;
}

/** Any text is a fine artifact type; these are the ones that the product knows. */
export const ARTIFACT_TYPE_UNKNOWN = 'UNKNOWN';

/**
 * Classifies an artifact as Harbor does: by `artifactType` if there is one, else by the config's media type; a type
 * that nobody knows is named after its media type `application/vnd.<vendor>.<name>.config.<version>+json`.
 *
 * Differences: an image that is marked as a WebAssembly module is `WASM` whatever its `artifactType`, and so is a module
 * with the config type of the newer convention.
 */
export function artifactKindOf(manifest: ManifestFacts): ArtifactKind {
  const mediaType = mediaTypeOf(manifest);
  const artifactType = manifest.artifactType || (manifest.config?.mediaType ?? '');
  return {
    type: isWasmImage(manifest) ? 'WASM' : typeOf(artifactType || mediaType, mediaType),
    mediaType,
    artifactType,
  };
}

/** A container image with a module inside, by the annotations that runtimes agreed on. */
export function isWasmImage(manifest: ManifestFacts): boolean {
  const { annotations } = manifest;
  return (
    manifest.config !== null &&
    (annotations['module.wasm.image/variant'] === 'compat' || annotations['run.oci.handler'] === 'wasm')
  );
}

function mediaTypeOf(manifest: ManifestFacts): string {
  if (isWasmImage(manifest)) return WASM_CONFIG;
  if (manifest.config !== null) return manifest.config.mediaType;
  return manifest.annotations['org.opencontainers.artifactType'] || manifest.mediaType;
}

function typeOf(resolved: string, mediaType: string): string {
  if (isImageConfig(resolved)) return 'IMAGE';
  return KNOWN_TYPES.get(resolved) ?? nameIn(mediaType) ?? ARTIFACT_TYPE_UNKNOWN;
}

/** `application/vnd.acme.rocket.config.v1+json` → `ROCKET`. Written without backtracking: the text is a stranger's. */
function nameIn(mediaType: string): string | null {
  const prefix = 'application/vnd.';
  const suffix = '+json';
  if (mediaType.length > 255 || !mediaType.startsWith(prefix) || !mediaType.endsWith(suffix)) return null;
  const words = mediaType.slice(prefix.length, -suffix.length).split('.');
  const isNamed = words.length >= 4 && words.at(-2) === 'config';
  const name = words.slice(1, -2).join('.').toUpperCase();
  return isNamed && name !== '' ? name : null;
}

const WASM_CONFIG = 'application/vnd.wasm.config.v1+json';

const KNOWN_TYPES: ReadonlyMap<string, string> = new Map<string, string>([
  [MediaType.OciIndex, 'IMAGE'],
  [MediaType.DockerManifestList, 'IMAGE'],
  [MediaType.DockerSchema1, 'IMAGE'],
  [MediaType.DockerSchema1Signed, 'IMAGE'],
  [MediaType.HelmConfig, 'CHART'],
  ['application/vnd.cnab.manifest.v1', 'CNAB'],
  [WASM_CONFIG, 'WASM'],
  // The name that the makers of WebAssembly runtimes agreed on later.
  [MediaType.WasmConfig, 'WASM'],
  [MediaType.HarborSbom, 'SBOM'],
  ['application/vnd.cncf.model.manifest.v1+json', 'CNAI'],
]);
