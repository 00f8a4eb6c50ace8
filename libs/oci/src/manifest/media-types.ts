/** The media types that the registry gives a meaning to, plus those its users meet most often. None is an allow-list. */
export const MediaType = {
  OciManifest: 'application/vnd.oci.image.manifest.v1+json',
  OciIndex: 'application/vnd.oci.image.index.v1+json',
  /** Dropped from the image-spec before 1.1; still found where ORAS and notation were early. */
  OciArtifactManifest: 'application/vnd.oci.artifact.manifest.v1+json',
  OciConfig: 'application/vnd.oci.image.config.v1+json',
  OciLayer: 'application/vnd.oci.image.layer.v1.tar',
  OciLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  OciLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  OciForeignLayer: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
  OciForeignLayerGzip: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  OciForeignLayerZstd: 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  /** The two bytes `{}`, where a manifest must name a config or a layer and has none. */
  OciEmpty: 'application/vnd.oci.empty.v1+json',

  DockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  DockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  DockerConfig: 'application/vnd.docker.container.image.v1+json',
  DockerPluginConfig: 'application/vnd.docker.plugin.v1+json',
  DockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  DockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  DockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
  DockerForeignLayer: 'application/vnd.docker.image.rootfs.foreign.diff.tar',
  DockerForeignLayerGzip: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  DockerSchema1: 'application/vnd.docker.distribution.manifest.v1+json',
  DockerSchema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',

  BuildkitCacheConfig: 'application/vnd.buildkit.cacheconfig.v0',
  InToto: 'application/vnd.in-toto+json',

  HelmConfig: 'application/vnd.cncf.helm.config.v1+json',
  HelmChart: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  HelmProvenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',

  CosignSimpleSigning: 'application/vnd.dev.cosign.simplesigning.v1+json',
  CosignSignatureArtifact: 'application/vnd.dev.cosign.artifact.sig.v1+json',
  CosignAttestationArtifact: 'application/vnd.dev.cosign.artifact.att.v1+json',
  CosignSbomArtifact: 'application/vnd.dev.cosign.artifact.sbom.v1+json',
  SigstoreBundle: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  DsseEnvelope: 'application/vnd.dsse.envelope.v1+json',
  NotationSignature: 'application/vnd.cncf.notary.signature',

  HarborSbom: 'application/vnd.goharbor.harbor.sbom.v1',
  SpdxJson: 'application/spdx+json',
  SpdxText: 'text/spdx',
  CyclonedxJson: 'application/vnd.cyclonedx+json',
  CyclonedxXml: 'application/vnd.cyclonedx+xml',
  SyftJson: 'application/vnd.syft+json',

  WasmConfig: 'application/vnd.wasm.config.v0+json',
  WasmLayer: 'application/wasm',
  FluxConfig: 'application/vnd.cncf.flux.config.v1+json',
  FluxContent: 'application/vnd.cncf.flux.content.v1.tar+gzip',
  CnabConfig: 'application/vnd.cnab.config.v1+json',

  OctetStream: 'application/octet-stream',
} as const;

export type MediaType = (typeof MediaType)[keyof typeof MediaType];

/** A manifest of manifests. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === MediaType.OciIndex || mediaType === MediaType.DockerManifestList;
}

/** A manifest of blobs, in a form we store: schema 1 is not among them. */
export function isManifestType(mediaType: string): boolean {
  return (
    mediaType === MediaType.OciManifest ||
    mediaType === MediaType.DockerManifest ||
    mediaType === MediaType.OciArtifactManifest
  );
}

/** Docker's first manifest format. containerd, the docker engine and skopeo have dropped it; we refuse it. */
export function isSchema1(mediaType: string): boolean {
  return mediaType === MediaType.DockerSchema1 || mediaType === MediaType.DockerSchema1Signed;
}

/** A layer that licences keep off registries. Its descriptor says where else to find it; it need not be here. */
export function isForeignLayer(mediaType: string): boolean {
  return FOREIGN_LAYERS.has(mediaType);
}

const FOREIGN_LAYERS: ReadonlySet<string> = new Set([
  MediaType.OciForeignLayer,
  MediaType.OciForeignLayerGzip,
  MediaType.OciForeignLayerZstd,
  MediaType.DockerForeignLayer,
  MediaType.DockerForeignLayerGzip,
]);

const RESTRICTED_NAMES = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i;

/** Whether the text is a bare `type/subtype` of RFC 6838, section 4.2, and so may stand in a header as it is. */
export function isMediaType(text: string): boolean {
  return RESTRICTED_NAMES.test(text);
}

/** A `Content-Type` without its parameters: clients send `; charset=utf-8` and the like, which mean nothing here. */
export function withoutParameters(contentType: string): string {
  const semicolon = contentType.indexOf(';');
  return (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim();
}
