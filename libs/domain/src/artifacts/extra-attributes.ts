import { isImageConfig, type ManifestFacts } from './manifest-facts.js';

export type ExtraAttributes = Record<string, unknown>;

/**
 * What `extra_attrs` shows of an artifact, taken from its config.
 *
 * @param type  as `artifactKindOf` gives it.
 * @param config  the parsed config blob; null where there is none, it is too large to read or no JSON. Strangers
 *   wrote it: nothing of its shape is believed, and no value throws.
 */
export function extraAttributesOf(type: string, manifest: ManifestFacts, config: unknown): ExtraAttributes {
  if (manifest.config === null) return {};
  const isImage = isImageConfig(manifest.config.mediaType);
  if (type === 'IMAGE' || (type === 'WASM' && isImage)) return imageAttributes(asObject(config));
  if (type === 'WASM') return mediaTypeAttributes(manifest);
  return withoutSkipped(manifest, asObject(config));
}

function imageAttributes(image: ExtraAttributes): ExtraAttributes {
  const config = asObject(image['config']);
  const labels = asObject(config['Labels']);
  return {
    created: asText(image['created']) || null,
    architecture: asText(image['architecture']),
    os: asText(image['os']),
    config,
    author:
      asText(image['author']) || asText(labels['org.opencontainers.image.authors']) || asText(labels['maintainer']),
  };
}

function mediaTypeAttributes(manifest: ManifestFacts): ExtraAttributes {
  return {
    'manifest.config.mediaType': manifest.config?.mediaType ?? '',
    'manifest.layers.mediaType': manifest.layers[0]?.mediaType ?? '',
  };
}

/** Comma-separated keys that the author of the artifact does not want to be shown. */
const SKIP_LIST = 'io.goharbor.artifact.v1alpha1.skip-list';

function withoutSkipped(manifest: ManifestFacts, config: ExtraAttributes): ExtraAttributes {
  const skipped = (manifest.config?.annotations?.[SKIP_LIST] ?? '').split(',').map((key) => key.trim());
  return Object.fromEntries(Object.entries(config).filter(([key]) => !skipped.includes(key)));
}

function asObject(value: unknown): ExtraAttributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
