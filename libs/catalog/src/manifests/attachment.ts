import { accessoryTypeOf, findAccessory } from '@breakwater/domain';
import { type Manifest, type Tag, findFallbackSubject } from '@breakwater/oci';
import type { Attachment } from '../artifacts/artifact.repository.js';

/**
 * What a pushed manifest is attached to: by its own `subject`, else by a tag it is pushed to. Cosign before version 3
 * names the subject of a signature in the tag; clients without the referrers API keep an index of referrers under a
 * tag. The fallback tag of a sha512 does not say its whole digest: such an index stands alone here, and the referrers
 * API finds it all the same.
 *
 * @see facts of Harbor, "Accessory linking on push"; OCI distribution-spec, "Referrers Tag Schema".
 */
export function findAttachment(manifest: Manifest, tags: readonly Tag[]): Attachment | null {
  if (manifest.subject !== null)
    return { subject: manifest.subject.digest, origin: 'manifest', type: accessoryTypeOf(manifest) };
  for (const tag of tags) {
    const signature = findAccessory(manifest, tag);
    if (signature) return { subject: signature.subject, origin: 'cosign-tag', type: signature.type };
    const listed = manifest.kind === 'index' ? findFallbackSubject(tag) : null;
    if (listed) return { subject: listed, origin: 'fallback-tag', type: 'subject.accessory' };
  }
  return null;
}
