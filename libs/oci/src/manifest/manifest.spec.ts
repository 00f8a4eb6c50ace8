import { describe, expect, it } from '@jest/globals';
import {
  EMPTY_DIGEST,
  type Json,
  aConfig,
  aDescriptor,
  anImage,
  anIndex,
  digestOf,
  pushed,
} from '../../testing/manifests.js';
import { MediaType } from './media-types.js';

describe('parseManifest', () => {
  it('reads an image manifest', () => {
    const annotations = { 'org.opencontainers.image.source': 'https://example.com/a' };
    expect(pushed(anImage({ annotations }))).toEqual({
      kind: 'image',
      mediaType: MediaType.OciManifest,
      artifactType: null,
      configMediaType: MediaType.OciConfig,
      config: { mediaType: MediaType.OciConfig, digest: digestOf('c'), sizeBytes: 1234, hasData: false },
      layers: [{ mediaType: MediaType.OciLayerGzip, digest: digestOf('a'), sizeBytes: 1234, hasData: false }],
      children: [],
      subject: null,
      annotations,
    });
  });

  it('reads an index with a platform for each child', () => {
    const manifests = [
      aDescriptor({ mediaType: MediaType.OciManifest, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }),
      aDescriptor({
        mediaType: MediaType.OciManifest,
        platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0', 'os.features': ['win32k'] },
      }),
    ];
    const index = pushed(anIndex({ manifests }));
    expect([index.kind, index.config, index.layers]).toEqual(['index', null, []]);
    expect(index.children.map((child) => child.platform)).toEqual([
      { os: 'linux', architecture: 'arm', variant: 'v7' },
      { os: 'windows', architecture: 'amd64', osVersion: '10.0', osFeatures: ['win32k'] },
    ]);
  });

  describe('what clients really send', () => {
    const empty = { mediaType: MediaType.OciEmpty, digest: EMPTY_DIGEST, size: 2 };

    it('large-manifest: 3.9 MB of annotations', () => {
      const annotations = Object.fromEntries(
        Array.from({ length: 390 }, (_, i) => [`org.example.${i}`, 'x'.repeat(10_000)]),
      );
      expect(Object.keys(pushed(anImage({ annotations })).annotations)).toHaveLength(390);
    });

    it('nested-index: an index of indexes, without platforms', () => {
      const [child] = pushed(anIndex({ manifests: [aDescriptor({ mediaType: MediaType.OciIndex })] })).children;
      expect(child).not.toHaveProperty('platform');
    });

    it('empty-index and no-layers: empty arrays', () => {
      expect(pushed(anIndex({ manifests: [] })).children).toEqual([]);
      expect(pushed(anImage({ layers: [] })).layers).toEqual([]);
    });

    it('the null that Go writes for a nil slice, map or pointer', () => {
      const image = anImage({ layers: null, manifests: null, annotations: null, subject: null, artifactType: '' });
      expect(pushed(image)).toMatchObject({
        layers: [],
        children: [],
        annotations: {},
        subject: null,
        artifactType: null,
      });
      expect(pushed(anIndex({ manifests: null, config: null })).children).toEqual([]);
    });

    it('artifact-without-layers: the empty blob as config and as only layer', () => {
      const artifact = pushed(anImage({ artifactType: 'application/vnd.example', config: empty, layers: [empty] }));
      expect(artifact.artifactType).toBe('application/vnd.example');
      expect([artifact.config?.digest, artifact.layers[0]?.digest]).toEqual([EMPTY_DIGEST, EMPTY_DIGEST]);
    });

    it('artifact-index and index-with-subject: artifactType and subject on an index', () => {
      const subject = aDescriptor({ mediaType: MediaType.OciManifest });
      const index = pushed(anIndex({ artifactType: 'application/vnd.example', subject }));
      expect([index.artifactType, index.subject?.digest]).toEqual(['application/vnd.example', digestOf('a')]);
    });

    it('artifacts-with-subject: subject on an image manifest', () => {
      expect(pushed(anImage({ subject: aDescriptor({ digest: digestOf('5') }) })).subject?.digest).toBe(digestOf('5'));
    });

    it('data-field: content inside the descriptor, noted and not kept', () => {
      const config = pushed(anImage({ config: { ...empty, data: 'e30=' } })).config;
      expect(config?.hasData).toBe(true);
      expect(config).not.toHaveProperty('data');
    });

    it('non-distributable-layers: urls', () => {
      const layer = aDescriptor({ mediaType: MediaType.OciForeignLayerGzip, urls: ['https://example.com/layer'] });
      expect(pushed(anImage({ layers: [layer] })).layers[0]?.urls).toEqual(['https://example.com/layer']);
    });

    it('custom-fields: keys no spec knows, in every object', () => {
      const custom = { 'org.example': 'x', toString: { deep: [1] } };
      expect(() =>
        pushed(anImage({ ...custom, config: aConfig(custom), layers: [aDescriptor(custom)] })),
      ).not.toThrow();
      expect(() => pushed(anIndex({ ...custom, manifests: [aDescriptor(custom)] }))).not.toThrow();
    });

    it('sha512: descriptors of the other algorithm', () => {
      const digest = `sha512:${'d'.repeat(128)}`;
      expect(pushed(anImage({ layers: [aDescriptor({ digest })] })).layers[0]?.digest).toBe(digest);
    });

    it('Content-Type with parameters, and OCI documents without mediaType', () => {
      const { mediaType: _, ...image } = anImage();
      expect(pushed(image, `${MediaType.OciManifest}; charset=utf-8`).mediaType).toBe(MediaType.OciManifest);
    });

    it('no Content-Type at all, when the document says what it is', () => {
      expect(pushed(anIndex(), '').mediaType).toBe(MediaType.OciIndex);
    });

    it('docker’s own types, with layers of any vendor', () => {
      const layer = aDescriptor({ mediaType: 'application/vnd.ollama.image.model' });
      expect(pushed(anImage({ mediaType: MediaType.DockerManifest, layers: [layer] })).kind).toBe('image');
      expect(pushed(anIndex({ mediaType: MediaType.DockerManifestList })).kind).toBe('index');
    });

    it('the old OCI artifact manifest: blobs, no config, no schemaVersion', () => {
      const artifact = pushed({
        mediaType: MediaType.OciArtifactManifest,
        artifactType: 'application/vnd.example',
        blobs: [aDescriptor()],
        subject: aDescriptor({ digest: digestOf('5') }),
      });
      expect(artifact).toMatchObject({
        kind: 'image',
        config: null,
        configMediaType: null,
        artifactType: 'application/vnd.example',
      });
      expect([artifact.layers.length, artifact.subject?.digest]).toEqual([1, digestOf('5')]);
    });

    it('types of their own ending in +json, by the shape of the document', () => {
      const mediaType = 'application/vnd.example.manifest.v1+json';
      expect(pushed(anImage({ mediaType })).kind).toBe('image');
      expect(pushed(anIndex({ mediaType })).kind).toBe('index');
      expect(pushed(anIndex({ mediaType, manifests: null })).kind).toBe('index');
    });

    it('an old BuildKit cache: an index whose children are blobs', () => {
      const manifests = [aDescriptor(), aDescriptor({ mediaType: MediaType.BuildkitCacheConfig })];
      expect(pushed(anIndex({ manifests })).children).toHaveLength(2);
    });

    it('layer types that are no media types: ORAS pushes what its user typed', () => {
      expect(pushed(anImage({ layers: [aDescriptor({ mediaType: 'test' })] })).layers[0]?.mediaType).toBe('test');
    });

    it('sizes from 0 to 2^53 - 1', () => {
      const layers = [0, 2 ** 53 - 1].map((size) => aDescriptor({ size }));
      expect(pushed(anImage({ layers })).layers.map((layer) => layer.sizeBytes)).toEqual([0, 2 ** 53 - 1]);
    });

    it('the -0 that JSON can spell, as 0', () => {
      const document = JSON.stringify(anImage({ layers: [aDescriptor({ size: 0 })] })).replace('"size":0', '"size":-0');
      expect(pushed(document).layers[0]?.sizeBytes).toBe(0);
    });
  });

  describe('ambiguous documents (CVE-2021-41190)', () => {
    it.each<[string, Json, string | undefined, string]>([
      [
        'an image with manifests',
        anImage({ manifests: [] }),
        undefined,
        'manifests: cannot stand in an image manifest',
      ],
      ['an index with layers', anIndex({ layers: [] }), undefined, 'layers: cannot stand in an index'],
      ['an index with a config', anIndex({ config: aConfig() }), undefined, 'config: cannot stand in an index'],
      [
        'a vendor’s document with both',
        { ...anIndex(), ...anImage(), mediaType: 'application/x+json' },
        undefined,
        'manifests: cannot stand in an image manifest',
      ],
      ['an image pushed as an index', anImage(), MediaType.OciIndex, 'mediaType: "application/vnd.oci.image.manifest'],
      [
        'an image without mediaType pushed as an index',
        anImage({ mediaType: null }),
        MediaType.OciIndex,
        'config: cannot',
      ],
      [
        'a docker manifest that does not say so',
        anImage({ mediaType: null }),
        MediaType.DockerManifest,
        'mediaType: is missing',
      ],
      ['a second config that only Go sees', anImage({ Config: aConfig() }), undefined, 'key "Config" is not "config"'],
      ['layers spelt with a long s', anImage({ layerſ: [] }), undefined, 'key "layerſ" is not "layers"'],
      [
        'a second digest that only Go sees',
        anImage({ config: aConfig({ DIGEST: 'x' }) }),
        undefined,
        'config: key "DIGEST"',
      ],
    ])('refuses %s', (_, document, contentType, message) => {
      expect(() => pushed(document, contentType)).toThrow(message);
    });
  });

  describe('schema 1', () => {
    const schema1 = { schemaVersion: 1, name: 'a/b', fsLayers: [{ blobSum: digestOf('a') }], history: [] };

    it.each([
      ['by Content-Type', schema1, MediaType.DockerSchema1],
      ['by Content-Type, signed', schema1, `${MediaType.DockerSchema1Signed}; charset=utf-8`],
      ['by its own media type', { ...schema1, mediaType: MediaType.DockerSchema1 }, ''],
      ['by its version', { ...schema1, fsLayers: null }, MediaType.OciManifest],
      ['by its layers', { ...schema1, schemaVersion: 2 }, MediaType.OciManifest],
    ])('is refused with advice: %s', (_, document, contentType) => {
      expect(() => pushed(document, contentType)).toThrow(/Docker schema 1 is not accepted; push again with/);
    });
  });

  describe('says what is wrong and where', () => {
    const layers = (more: Json): Json => anImage({ layers: [aDescriptor(), aDescriptor(), aDescriptor(more)] });

    it.each<[string, Json | string, string | undefined]>([
      [
        'layers[2].digest: "sha256:abc" is not a sha256 or sha512 digest in lower-case hex',
        layers({ digest: 'sha256:abc' }),
        undefined,
      ],
      ['layers[2].digest: is not a string', layers({ digest: null }), undefined],
      ['layers[2].size: -1 is not a whole number of bytes from 0 to 2^53 - 1', layers({ size: -1 }), undefined],
      ['layers[2].size: 1.5 is not', layers({ size: 1.5 }), undefined],
      ['layers[2].size: 9007199254740992 is not', layers({ size: 2 ** 53 }), undefined],
      ['layers[2].size: is not a number', layers({ size: '12' }), undefined],
      ['layers[2].mediaType: is missing', layers({ mediaType: '' }), undefined],
      ['layers[2].mediaType: is not a string', layers({ mediaType: 7 }), undefined],
      ['layers[2].mediaType: "a/b\\r\\n" is not a media type', layers({ mediaType: 'a/b\r\n' }), undefined],
      ['layers[2].urls: is not an array', layers({ urls: 'https://example.com' }), undefined],
      ['layers[2].urls[1]: is not a string', layers({ urls: ['https://example.com', 1] }), undefined],
      ['layers[2].annotations["a"]: is not a string', layers({ annotations: { a: 1 } }), undefined],
      ['layers[2].platform: is not an object', layers({ platform: 'linux' }), undefined],
      ['layers[2].platform.os: is not a string', layers({ platform: { os: 1 } }), undefined],
      ['layers[2].data: is not a string', layers({ data: {} }), undefined],
      ['layers[0]: is not a descriptor', anImage({ layers: [[]] }), undefined],
      ['layers: is not an array', anImage({ layers: {} }), undefined],
      ['layers: has 10001 entries, 10000 are allowed', anImage({ layers: Array(10_001).fill(null) }), undefined],
      ['config: is not a descriptor', anImage({ config: null }), undefined],
      ['config.mediaType: is missing', anImage({ config: { digest: digestOf('c'), size: 1 } }), undefined],
      ['manifests: is missing', { schemaVersion: 2, mediaType: MediaType.OciIndex }, undefined],
      ['manifests[0].digest: is not a string', anIndex({ manifests: [{ mediaType: 'a/b', size: 1 }] }), undefined],
      ['subject.digest: is not a string', anImage({ subject: { mediaType: 'a/b', size: 1 } }), undefined],
      ['annotations: is not an object', anImage({ annotations: [] }), undefined],
      ['annotations["a"]: is not valid Unicode text', anImage({ annotations: { a: 'x\0' } }), undefined],
      ['annotations["a"]: is not valid Unicode text', anImage({ annotations: { a: '\ud800' } }), undefined],
      ['artifactType: is not a string', anImage({ artifactType: {} }), undefined],
      ['schemaVersion: is not 2', anImage({ schemaVersion: '2' }), undefined],
      ['schemaVersion: is not 2', { ...anImage(), schemaVersion: undefined }, undefined],
      ['mediaType: is missing, and so is the Content-Type', anImage({ mediaType: null }), ''],
      ['"application/json" is not the media type of a manifest', anImage({ mediaType: null }), 'application/json'],
      ['"text/x+json" is not the media type of a manifest', anImage({ mediaType: null }), 'text/x+json'],
      ['has neither config and layers nor manifests', { schemaVersion: 2, mediaType: 'application/x+json' }, undefined],
      ['the document is not a JSON object', '[]', undefined],
      ['the document is not a JSON object', 'null', undefined],
      ['the document is not JSON', '', undefined],
      ['the document is not JSON', '{"schemaVersion":2', undefined],
      ['the document is not JSON', '\ufeff{}', undefined],
    ])('%s', (message, document, contentType) => {
      expect(() => pushed(document, contentType)).toThrow(message);
    });

    it('to the log by code, to the client by place and problem', () => {
      let thrown: unknown;
      try {
        pushed(anImage({ subject: 1 }));
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({
        code: 'MANIFEST_INVALID',
        kind: 'invalid',
        detail: { at: 'subject', problem: 'is not a descriptor' },
      });
    });
  });
});
