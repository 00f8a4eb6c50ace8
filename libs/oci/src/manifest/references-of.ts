import type { Descriptor } from './descriptor.js';
import type { Manifest } from './manifest.js';
import { isForeignLayer, isIndexType, isManifestType, isSchema1 } from './media-types.js';

export interface BlobReference {
  readonly descriptor: Descriptor;
  readonly role: 'config' | 'layer';
  /** 0-based place in this list. One digest may stand in several places of a manifest, even as config and layer. */
  readonly position: number;
  /** The content is offered elsewhere (foreign media type, or `urls`), so it need not exist here. */
  readonly isForeign: boolean;
}

export interface ChildReference {
  readonly descriptor: Descriptor;
  /** 0-based place in the index. One digest may stand in several places. */
  readonly position: number;
  /** See `isBlobChild`. */
  readonly isBlob: boolean;
}

/** The blobs that an image manifest needs: config first, then layers from the bottom. None for an index. */
export function blobReferences(manifest: Manifest): BlobReference[] {
  const references: BlobReference[] = [];
  if (manifest.config) {
    references.push({ descriptor: manifest.config, role: 'config', position: 0, isForeign: false });
  }
  for (const descriptor of manifest.layers) {
    references.push({ descriptor, role: 'layer', position: references.length, isForeign: isForeign(descriptor) });
  }
  return references;
}

/** The manifests that an index names, in its order. None for an image manifest. */
export function childReferences(manifest: Manifest): ChildReference[] {
  return manifest.children.map((descriptor, position) => ({
    descriptor,
    position,
    isBlob: isBlobChild(descriptor),
  }));
}

/**
 * Whether a child of an index has to be looked up among the blobs first, and only then among the manifests.
 *
 * BuildKit's registry cache was, before 0.21, an index whose `manifests` are layers and a cache config. Whatever is not
 * known to be a manifest may be such a blob; a manifest of a vendor's own type is found on the second look.
 */
export function isBlobChild(descriptor: Descriptor): boolean {
  const { mediaType } = descriptor;
  return !isManifestType(mediaType) && !isIndexType(mediaType) && !isSchema1(mediaType);
}

/**
 * The `artifactType` under which a manifest is listed among the referrers of its subject: its own, else its config's
 * media type; for an index only its own.
 *
 * @returns null when the field is to be left out.
 * @see OCI distribution-spec, "Listing Referrers".
 */
export function referrerArtifactType(manifest: Manifest): string | null {
  return manifest.artifactType ?? manifest.configMediaType;
}

function isForeign(descriptor: Descriptor): boolean {
  return isForeignLayer(descriptor.mediaType) || (descriptor.urls !== undefined && descriptor.urls.length > 0);
}
