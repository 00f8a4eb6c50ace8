import { MediaType, type Digest } from '@breakwater/oci';

/** What the rules read of a parsed manifest, whatever its kind; `Manifest` of @breakwater/oci is one. */
export interface ManifestFacts {
  /** Of the manifest itself, e.g. `application/vnd.oci.image.manifest.v1+json`. */
  readonly mediaType: string;
  /** The manifest's own `artifactType`. */
  readonly artifactType: string | null;
  /** Null for an index and for docker schema 1. */
  readonly config: ContentFacts | null;
  readonly layers: readonly ContentFacts[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly subject: { readonly digest: Digest } | null;
}

export interface ContentFacts {
  readonly mediaType: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function isImageConfig(mediaType: string): boolean {
  return mediaType === MediaType.OciConfig || mediaType === MediaType.DockerConfig;
}
