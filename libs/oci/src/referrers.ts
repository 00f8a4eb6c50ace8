import { Digest } from './digest.js';
import { MediaType } from './manifest/media-types.js';
import { Tag } from './tag.js';

/** One referrer as the referrers API lists it: nothing but what its own manifest says. */
export interface Referrer {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** See `referrerArtifactType`; null leaves the field out. */
  readonly artifactType: string | null;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Content type of the referrers API, without parameters: clients compare it as text. */
export const REFERRERS_CONTENT_TYPE = MediaType.OciIndex;

/**
 * The body of `GET /v2/<name>/referrers/<digest>`: an index, empty for a subject nobody knows.
 *
 * @see OCI distribution-spec, "Listing Referrers".
 */
export function referrersIndex(referrers: readonly Referrer[]): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MediaType.OciIndex,
    manifests: referrers.map(({ mediaType, digest, sizeBytes, artifactType, annotations }) => ({
      mediaType,
      digest,
      size: sizeBytes,
      ...(artifactType !== null && { artifactType }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    })),
  });
}

const MAX_ENCODED_LENGTH = 64;

/**
 * The tag under which clients without the referrers API keep the index of a subject's referrers. It holds the first 64
 * hex characters: all of a sha256, half of a sha512.
 *
 * @see OCI distribution-spec, "Referrers Tag Schema".
 */
export function fallbackTag(subject: Digest): Tag {
  return Tag.parse(`${Digest.algorithm(subject)}-${Digest.encoded(subject).slice(0, MAX_ENCODED_LENGTH)}`);
}

/**
 * The subject a fallback tag is about.
 *
 * @returns null for any other tag, and for `sha512-…`, which does not say its whole digest: look for it by
 *   `findFallbackPrefix`, or check with `fallbackTag` a subject that the content names.
 */
export function findFallbackSubject(tag: string): Digest | null {
  const prefix = findFallbackPrefix(tag);
  return prefix === null ? null : Digest.find(prefix);
}

/** How the digest of a fallback tag's subject begins, e.g. `sha512:` and 64 hex characters. Null for any other tag. */
export function findFallbackPrefix(tag: string): string | null {
  return FALLBACK.test(tag) ? tag.replace('-', ':') : null;
}

const FALLBACK = /^sha(?:256|512)-[0-9a-f]{64}$/;

export interface CosignTag {
  readonly subject: Digest;
  readonly role: 'signature' | 'attestation' | 'sbom';
}

/** What a tag of cosign before version 3 hangs on which subject, e.g. `sha256-9f86….sig`. Null for any other tag. */
export function findCosignTag(tag: string): CosignTag | null {
  const match = COSIGN.exec(tag);
  if (!match) return null;
  return { subject: Digest.of('sha256', match[1] ?? ''), role: COSIGN_ROLES[match[2] as keyof typeof COSIGN_ROLES] };
}

const COSIGN = /^sha256-([0-9a-f]{64})\.(sig|att|sbom)$/;

const COSIGN_ROLES = { sig: 'signature', att: 'attestation', sbom: 'sbom' } as const;
