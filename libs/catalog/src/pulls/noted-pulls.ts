import type { Digest, Tag } from '@breakwater/oci';

/** Pulls of one artifact by one name (a tag, or its digest) and one principal, since they were last written down. */
export interface NotedPulls {
  readonly artifactId: string;
  readonly repositoryId: string;
  readonly digest: Digest;
  readonly tag: Tag | null;
  readonly by: string;
  readonly count: number;
  readonly lastPulledAt: Date;
}
