import type { Digest, RepositoryName } from '@breakwater/oci';

/** An artifact that scanners may look at, or that is made of such. */
export interface ScanTarget extends ScanLeaf {
  /** What of it scanners look at: of an index what it holds, however deep; else itself. In the order of the index. */
  readonly leaves: readonly ScanLeaf[];
}

/** A single manifest. */
export interface ScanLeaf {
  readonly id: number;
  readonly projectId: number;
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly manifestMediaType: string;
  readonly sizeBytes: number;
  /** An image that stands for itself: no chart, no signature, no attestation. */
  readonly isImage: boolean;
  /** The SBOM that whoever pushed it has attached, not one that we made; null for none. */
  readonly attachedSbom: Digest | null;
}
