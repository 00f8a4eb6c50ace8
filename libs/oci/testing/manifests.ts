import { Digest } from '../src/digest.js';
import { type Manifest, parseManifest } from '../src/manifest/manifest.js';
import { MediaType } from '../src/manifest/media-types.js';

/** Documents for the tests, as a client would have written them. */
export type Json = Record<string, unknown>;

export const digestOf = (digit: string): Digest => Digest.of('sha256', digit.repeat(64));

export const EMPTY_DIGEST = Digest.parse('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');

export const aDescriptor = (more: Json = {}): Json => ({
  mediaType: MediaType.OciLayerGzip,
  digest: digestOf('a'),
  size: 1234,
  ...more,
});

export const aConfig = (more: Json = {}): Json =>
  aDescriptor({ mediaType: MediaType.OciConfig, digest: digestOf('c'), ...more });

export const anImage = (more: Json = {}): Json => ({
  schemaVersion: 2,
  mediaType: MediaType.OciManifest,
  config: aConfig(),
  layers: [aDescriptor()],
  ...more,
});

export const anIndex = (more: Json = {}): Json => ({
  schemaVersion: 2,
  mediaType: MediaType.OciIndex,
  manifests: [aDescriptor({ mediaType: MediaType.OciManifest })],
  ...more,
});

const bytesOf = (document: unknown): Uint8Array =>
  new TextEncoder().encode(typeof document === 'string' ? document : JSON.stringify(document));

/** Pushes a document under the type it states itself, unless told otherwise. A string is sent as it is. */
export function pushed(document: Json | string, contentType?: string): Manifest {
  const stated = typeof document === 'string' ? MediaType.OciManifest : String(document['mediaType']);
  return parseManifest(bytesOf(document), contentType ?? stated);
}
