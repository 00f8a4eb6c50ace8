import { describe, expect, it } from '@jest/globals';
import {
  MediaType,
  isForeignLayer,
  isIndexType,
  isManifestType,
  isMediaType,
  isSchema1,
  withoutParameters,
} from './media-types.js';

describe('media types', () => {
  const all = Object.values(MediaType);

  it('sorts each known type into at most one drawer', () => {
    expect(all.filter(isIndexType)).toEqual([MediaType.OciIndex, MediaType.DockerManifestList]);
    expect(all.filter(isManifestType)).toEqual([
      MediaType.OciManifest,
      MediaType.OciArtifactManifest,
      MediaType.DockerManifest,
    ]);
    expect(all.filter(isSchema1)).toEqual([MediaType.DockerSchema1, MediaType.DockerSchema1Signed]);
    expect(all.filter(isForeignLayer)).toEqual([
      MediaType.OciForeignLayer,
      MediaType.OciForeignLayerGzip,
      MediaType.OciForeignLayerZstd,
      MediaType.DockerForeignLayer,
      MediaType.DockerForeignLayerGzip,
    ]);
  });

  it('lists no type twice, and only well-formed ones', () => {
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((type) => !isMediaType(type))).toEqual([]);
  });

  it('leaves out the parameters that clients put on Content-Type', () => {
    expect(withoutParameters(`${MediaType.OciIndex}; charset=utf-8`)).toBe(MediaType.OciIndex);
    expect(withoutParameters(` ${MediaType.OciIndex} ;a=b;c`)).toBe(MediaType.OciIndex);
    expect(withoutParameters('')).toBe('');
  });

  it.each(['', 'json', 'a/b/c', 'a/b c', 'a/b\r\nX: y', 'a/b;c', `a/${'b'.repeat(128)}`, 'ä/b', '/b', 'a/'])(
    'would not put %j into a header',
    (text) => expect(isMediaType(text)).toBe(false),
  );
});
