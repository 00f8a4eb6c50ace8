import { findCosignTag, MediaType, type Digest } from '@breakwater/oci';
import { isImageConfig, type ManifestFacts } from './manifest-facts.js';

/** What an accessory is to its subject. All are deleted with it and copied with it. */
export type AccessoryType =
  | 'signature.cosign'
  | 'signature.notation'
  | 'sbom.harbor'
  | 'accelerator.nydus'
  /** Anything else that names a subject. */
  | 'subject.accessory';

/** The type of a manifest that has a `subject`, by its `artifactType`, else by its config's media type. */
export function accessoryTypeOf(manifest: ManifestFacts): AccessoryType {
  const type = manifest.artifactType || (manifest.config?.mediaType ?? '');
  const lastLayer = manifest.layers.at(-1);
  if (isImageConfig(type) && Object.hasOwn(lastLayer?.annotations ?? {}, NYDUS_BOOTSTRAP)) {
    return 'accelerator.nydus';
  }
  return BY_TYPE.get(type) ?? 'subject.accessory';
}

/**
 * The subject of a signature that cosign pushes the old way, under the tag `sha256-<hex>.sig` and without `subject`.
 *
 * @returns digest of the signed artifact (which need not exist yet), or null where this is no such signature: a tag
 *   of that form alone proves nothing, a layer must be a cosign payload.
 */
export function cosignTagSubject(tag: string, manifest: ManifestFacts): Digest | null {
  const hasPayload = manifest.layers.some((layer) => layer.mediaType === MediaType.CosignSimpleSigning);
  const named = hasPayload ? findCosignTag(tag) : null;
  return named?.role === 'signature' ? named.subject : null;
}

/**
 * Whose accessory a pushed manifest is, and of which type; null for an artifact that stands alone.
 *
 * @param tag  the tag it is pushed to, null for a push by digest.
 */
export function findAccessory(
  manifest: ManifestFacts,
  tag: string | null,
): { readonly type: AccessoryType; readonly subject: Digest } | null {
  if (manifest.subject !== null) return { type: accessoryTypeOf(manifest), subject: manifest.subject.digest };
  const signed = tag === null ? null : cosignTagSubject(tag, manifest);
  return signed === null ? null : { type: 'signature.cosign', subject: signed };
}

const NYDUS_BOOTSTRAP = 'containerd.io/snapshot/nydus-bootstrap';

const BY_TYPE: ReadonlyMap<string, AccessoryType> = new Map<string, AccessoryType>([
  [MediaType.NotationSignature, 'signature.notation'],
  [MediaType.CosignSignatureArtifact, 'signature.cosign'],
  [MediaType.SigstoreBundle, 'signature.cosign'],
  [MediaType.HarborSbom, 'sbom.harbor'],
]);
