import { describe, expect, it } from '@jest/globals';
import { Digest } from '@breakwater/oci';
import { accessoryTypeOf, cosignTagSubject, findAccessory } from './accessory-type.js';
import type { ManifestFacts } from './manifest-facts.js';

const hex = 'ab'.repeat(32);
const subject = Digest.parse(`sha256:${hex}`);
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const manifest = (artifactType: string | null, more: Partial<ManifestFacts> = {}): ManifestFacts => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  artifactType,
  config: { mediaType: OCI_CONFIG, annotations: {} },
  layers: [],
  annotations: {},
  subject: { digest: subject },
  ...more,
});
const nydus = [
  { mediaType: 'a', annotations: {} },
  { mediaType: 'b', annotations: { 'containerd.io/snapshot/nydus-bootstrap': 'true' } },
];
const payload = [{ mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json', annotations: {} }];

describe('accessoryTypeOf', () => {
  it.each<[string, ManifestFacts, string]>([
    ['notation', manifest('application/vnd.cncf.notary.signature'), 'signature.notation'],
    ['cosign', manifest('application/vnd.dev.cosign.artifact.sig.v1+json'), 'signature.cosign'],
    ['a sigstore bundle', manifest('application/vnd.dev.sigstore.bundle.v0.3+json'), 'signature.cosign'],
    ['an SBOM', manifest('application/vnd.goharbor.harbor.sbom.v1'), 'sbom.harbor'],
    ['nydus', manifest(null, { layers: nydus }), 'accelerator.nydus'],
    [
      'an image whose first layer looks like nydus',
      manifest(null, { layers: nydus.toReversed() }),
      'subject.accessory',
    ],
    ['nydus layers in something else', manifest('application/x-thing', { layers: nydus }), 'subject.accessory'],
    ['an index', manifest(null, { config: null }), 'subject.accessory'],
    [
      'notation by its config',
      manifest(null, { config: { mediaType: 'application/vnd.cncf.notary.signature', annotations: {} } }),
      'signature.notation',
    ],
  ])('%s', (_, facts, type) => expect(accessoryTypeOf(facts)).toBe(type));
});

describe('findAccessory', () => {
  const loose = { subject: null };

  it('knows a cosign signature by its tag and its payload together', () => {
    const signature = manifest(null, { ...loose, layers: payload });
    expect(findAccessory(signature, `sha256-${hex}.sig`)).toEqual({ type: 'signature.cosign', subject });
    expect(findAccessory(signature, `sha256-${hex}.att`)).toBeNull();
    expect(findAccessory(signature, `sha256-${hex.toUpperCase()}.sig`)).toBeNull();
    expect(findAccessory(signature, null)).toBeNull();
    expect(cosignTagSubject(`sha256-${hex}.sig`, manifest(null, loose))).toBeNull();
  });

  it('believes the subject field before the tag', () => {
    const other = Digest.parse(`sha256:${'cd'.repeat(32)}`);
    expect(findAccessory(manifest(null, { subject: { digest: other }, layers: payload }), `sha256-${hex}.sig`)).toEqual(
      {
        type: 'subject.accessory',
        subject: other,
      },
    );
  });

  it('leaves everything else alone', () => expect(findAccessory(manifest(null, loose), 'latest')).toBeNull());
});
