import type { Digest } from '@breakwater/oci';

/** Content that a repository holds. */
export interface CommittedBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** The same, with where its bytes lie: for `BlobStore.read`, never for a client. */
export interface StoredBlob extends CommittedBlob {
  readonly objectKey: string;
  /** The storage was found to have lost the bytes; reading them is still worth a try. */
  readonly isLost: boolean;
}
