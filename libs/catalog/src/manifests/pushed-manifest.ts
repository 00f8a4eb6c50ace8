import type { Digest, DigestAlgorithm, Reference, Tag } from '@breakwater/oci';

/** A manifest as a client sends it. */
export interface ManifestPush {
  /** The tag or digest in the path. */
  readonly reference: Reference;
  /** The `tag` parameters of a push by digest. */
  readonly tags: readonly Tag[];
  /** The request's `Content-Type`. */
  readonly mediaType: string;
  readonly content: Buffer;
  /** Digest of `content`; the algorithm is the client's choice. */
  readonly digestOf: (algorithm: DigestAlgorithm) => Digest;
}

export interface PushedManifest {
  readonly digest: Digest;
  /** What the manifest's `subject` names: answered as `OCI-Subject`. */
  readonly subject: Digest | null;
  /** Every tag that now points at it by this push: answered as `OCI-Tag`. */
  readonly tags: readonly Tag[];
  /** False when the repository held the manifest already. */
  readonly isNew: boolean;
}
