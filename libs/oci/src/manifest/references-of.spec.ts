import { describe, expect, it } from '@jest/globals';
import { EMPTY_DIGEST, aConfig, aDescriptor, anImage, anIndex, digestOf, pushed } from '../../testing/manifests.js';
import { MediaType } from './media-types.js';
import { blobReferences, childReferences, referrerArtifactType } from './references-of.js';

describe('blobReferences', () => {
  it('lists config and layers in order, the same digest once for each place', () => {
    const empty = { mediaType: MediaType.OciEmpty, digest: EMPTY_DIGEST, size: 2 };
    const references = blobReferences(pushed(anImage({ config: empty, layers: [empty, aDescriptor(), empty] })));
    expect(references.map(({ role, position, descriptor }) => [role, position, descriptor.digest])).toEqual([
      ['config', 0, EMPTY_DIGEST],
      ['layer', 1, EMPTY_DIGEST],
      ['layer', 2, digestOf('a')],
      ['layer', 3, EMPTY_DIGEST],
    ]);
  });

  it('needs no foreign layer to be here: by its type, or because it says where else it is', () => {
    const layers = [
      aDescriptor(),
      aDescriptor({ mediaType: MediaType.DockerForeignLayerGzip }),
      aDescriptor({ mediaType: MediaType.OciForeignLayerZstd, urls: ['https://example.com/layer'] }),
      aDescriptor({ urls: ['https://example.com/layer'] }),
      aDescriptor({ urls: [] }),
    ];
    const foreign = blobReferences(pushed(anImage({ layers }))).map((reference) => reference.isForeign);
    expect(foreign).toEqual([false, false, true, true, true, false]);
  });

  it('requires a blob whose content also stands in the manifest', () => {
    const [config] = blobReferences(pushed(anImage({ config: aConfig({ data: 'e30=' }) })));
    expect([config?.descriptor.hasData, config?.isForeign]).toEqual([true, false]);
  });

  it('starts with a layer where there is no config', () => {
    const artifact = pushed({ mediaType: MediaType.OciArtifactManifest, blobs: [aDescriptor()] });
    expect(blobReferences(artifact)).toMatchObject([{ role: 'layer', position: 0 }]);
  });

  it('is empty for an index, and childReferences for an image', () => {
    expect([blobReferences(pushed(anIndex())), childReferences(pushed(anImage()))]).toEqual([[], []]);
  });
});

describe('childReferences', () => {
  it('tells which children of a BuildKit cache are to be looked for among the blobs', () => {
    const types = [
      MediaType.OciManifest,
      MediaType.DockerManifestList,
      MediaType.OciArtifactManifest,
      MediaType.DockerSchema1Signed,
      MediaType.OciLayerGzip,
      MediaType.DockerLayerGzip,
      MediaType.BuildkitCacheConfig,
      'application/vnd.example.manifest.v1+json',
    ];
    const manifests = types.map((mediaType) => aDescriptor({ mediaType }));
    const children = childReferences(pushed(anIndex({ manifests })));
    expect(children.map((child) => child.isBlob)).toEqual([false, false, false, false, true, true, true, true]);
    expect(children.map((child) => child.position)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('referrerArtifactType', () => {
  it('is the manifest’s own', () => {
    expect(referrerArtifactType(pushed(anImage({ artifactType: 'application/x' })))).toBe('application/x');
  });

  it('falls back on the config’s media type for an image', () => {
    expect(referrerArtifactType(pushed(anImage()))).toBe(MediaType.OciConfig);
  });

  it('is left out for an index without one', () => {
    expect(referrerArtifactType(pushed(anIndex()))).toBeNull();
    expect(referrerArtifactType(pushed(anIndex({ artifactType: 'application/x' })))).toBe('application/x');
  });
});
