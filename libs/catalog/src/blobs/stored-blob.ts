import type { Digest } from '@breakwater/oci';

/** Content that a repository holds. */
export interface CommittedBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** The same, with where its bytes lie: for `BlobStore.read`, never for a client. */
export interface StoredBlob extends CommittedBlob {
  readonly objectKey: string;
}
