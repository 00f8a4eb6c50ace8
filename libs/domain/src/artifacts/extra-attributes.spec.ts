import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { extraAttributesOf } from './extra-attributes.js';
import type { ManifestFacts } from './manifest-facts.js';

const withConfig = (mediaType: string | null, annotations: Record<string, string> = {}): ManifestFacts => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  artifactType: null,
  config: mediaType === null ? null : { mediaType, annotations },
  layers: [{ mediaType: 'application/wasm', annotations: {} }],
  annotations: {},
  subject: null,
});
const image = withConfig('application/vnd.oci.image.config.v1+json');
const chart = withConfig('application/vnd.cncf.helm.config.v1+json');

describe('extraAttributesOf', () => {
  it('takes five fields of an image', () => {
    const config = {
      created: '2026-01-02T03:04:05Z',
      architecture: 'amd64',
      os: 'linux',
      author: 'Ada',
      config: { Env: ['A=1'], Labels: { maintainer: 'Bob' } },
      history: [{ created_by: 'secret' }],
    };
    expect(extraAttributesOf('IMAGE', image, config)).toEqual({
      created: '2026-01-02T03:04:05Z',
      architecture: 'amd64',
      os: 'linux',
      author: 'Ada',
      config: config.config,
    });
  });

  it.each([
    [{ 'org.opencontainers.image.authors': 'Carol', maintainer: 'Bob' }, 'Carol'],
    [{ maintainer: 'Bob' }, 'Bob'],
    [{}, ''],
  ])('falls back on labels for the author: %j', (Labels, author) => {
    expect(extraAttributesOf('IMAGE', image, { config: { Labels } })).toMatchObject({ author });
  });

  it('shows a whole chart, without what its author hides', () => {
    const config = { name: 'app', version: '1.0.0', secret: 'x', icon: 'y' };
    expect(extraAttributesOf('CHART', chart, config)).toEqual(config);
    const hiding = withConfig('application/vnd.acme.rocket.config.v1+json', {
      'io.goharbor.artifact.v1alpha1.skip-list': 'secret, icon',
    });
    expect(extraAttributesOf('ROCKET', hiding, config)).toEqual({ name: 'app', version: '1.0.0' });
  });

  it('tells the media types of a module, and reads a module in an image as an image', () => {
    expect(extraAttributesOf('WASM', withConfig('application/vnd.wasm.config.v1+json'), {})).toEqual({
      'manifest.config.mediaType': 'application/vnd.wasm.config.v1+json',
      'manifest.layers.mediaType': 'application/wasm',
    });
    expect(extraAttributesOf('WASM', image, { architecture: 'wasm' })).toMatchObject({ architecture: 'wasm' });
  });

  it('has nothing to say of an index', () => expect(extraAttributesOf('IMAGE', withConfig(null), null)).toEqual({}));

  it('believes nothing: any JSON gives an object that JSON can carry', () => {
    fc.assert(
      fc.property(fc.constantFrom('IMAGE', 'CHART', 'WASM', 'UNKNOWN'), fc.jsonValue(), (type, config) => {
        const attributes = extraAttributesOf(type, image, config);
        expect(typeof JSON.parse(JSON.stringify(attributes))).toBe('object');
        if (type === 'IMAGE')
          expect(Object.keys(attributes)).toEqual(['created', 'architecture', 'os', 'config', 'author']);
      }),
    );
  });
});
