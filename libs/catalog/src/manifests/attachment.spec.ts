import { describe, expect, it } from '@jest/globals';
import { Digest, MediaType, type Descriptor, type Manifest, Tag } from '@breakwater/oci';
import { findAttachment } from './attachment.js';

const SUBJECT = Digest.of('sha256', 'a'.repeat(64));
const SIGNATURE_TAG = Tag.parse(`sha256-${'a'.repeat(64)}.sig`);
const FALLBACK_TAG = Tag.parse(`sha256-${'a'.repeat(64)}`);

const describing = (mediaType: string): Descriptor => ({ mediaType, digest: SUBJECT, sizeBytes: 2, hasData: false });

const image = (over: Partial<Manifest> = {}): Manifest => ({
  kind: 'image',
  mediaType: MediaType.OciManifest,
  artifactType: null,
  configMediaType: MediaType.OciConfig,
  config: describing(MediaType.OciConfig),
  layers: [],
  children: [],
  subject: null,
  annotations: {},
  ...over,
});

const index = (over: Partial<Manifest> = {}): Manifest =>
  image({ kind: 'index', mediaType: MediaType.OciIndex, config: null, configMediaType: null, ...over });

describe('findAttachment', () => {
  it('finds nothing in an ordinary image', () => {
    expect(findAttachment(image(), [Tag.parse('latest')])).toBeNull();
  });

  it('reads the subject of the manifest, whatever the tags say', () => {
    const manifest = image({ artifactType: MediaType.NotationSignature, subject: describing(MediaType.OciManifest) });
    const expected = { subject: SUBJECT, origin: 'manifest', type: 'signature.notation' };
    expect(findAttachment(manifest, [Tag.parse(`sha256-${'b'.repeat(64)}.sig`)])).toEqual(expected);
  });

  it('takes a signature of cosign before version 3 from any of the tags', () => {
    const manifest = image({ layers: [describing(MediaType.CosignSimpleSigning)] });
    const expected = { subject: SUBJECT, origin: 'cosign-tag', type: 'signature.cosign' };
    expect(findAttachment(manifest, [Tag.parse('v1'), SIGNATURE_TAG])).toEqual(expected);
  });

  it('does not believe the tag of a signature without a signature in it', () => {
    expect(findAttachment(image(), [SIGNATURE_TAG])).toBeNull();
  });

  it('takes an index under a fallback tag for the list of referrers that it is', () => {
    const expected = { subject: SUBJECT, origin: 'fallback-tag', type: 'subject.accessory' };
    expect(findAttachment(index(), [FALLBACK_TAG])).toEqual(expected);
    expect(findAttachment(image(), [FALLBACK_TAG])).toBeNull();
    expect(findAttachment(index(), [Tag.parse(`sha512-${'a'.repeat(64)}`)])).toBeNull();
  });
});
