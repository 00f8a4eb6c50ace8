import type { Digest } from '@breakwater/oci';

/** What a pull needs: which manifest a tag or digest stands for now. */
export interface FoundArtifact {
  readonly artifactId: string;
  readonly repositoryId: string;
  readonly digest: Digest;
  /** Of the manifest, as pushed: the `Content-Type` to serve. */
  readonly mediaType: string;
  /** Of the manifest alone. */
  readonly sizeBytes: number;
}
