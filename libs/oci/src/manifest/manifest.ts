import { type Descriptor, readDescriptor } from './descriptor.js';
import { quoted } from '../excerpt.js';
import { InvalidManifestError } from './manifest-errors.js';
import { KnownKeys, findAnnotations, findMediaType } from './manifest-fields.js';
import { type JsonObject, decodeManifest } from './manifest-json.js';
import { MediaType, isIndexType, isManifestType, isMediaType, isSchema1, withoutParameters } from './media-types.js';

/**
 * What the registry needs to know of a manifest. The bytes as pushed are the manifest; this is never written back.
 *
 * An image manifest names a config and layers, an index names children; the other lists are empty. The old OCI artifact
 * manifest counts as an image without config whose layers are its `blobs`.
 */
export interface Manifest {
  readonly kind: 'image' | 'index';
  /** As pushed and as it must be served. */
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly configMediaType: string | null;
  readonly config: Descriptor | null;
  readonly layers: readonly Descriptor[];
  readonly children: readonly Descriptor[];
  /** What this manifest is a referrer of. Need not exist, now or ever. */
  readonly subject: Descriptor | null;
  readonly annotations: Readonly<Record<string, string>>;
}

const MAX_DESCRIPTORS = 10_000;

/**
 * Reads a manifest as it arrives in `PUT /v2/<name>/manifests/<reference>`.
 *
 * Any `application/*+json` type is taken whose document has the shape of an image manifest or of an index. Fields that
 * the specs do not know are left alone; documents that two readers could take for two different things are refused.
 *
 * @param contentType  the request's header, parameters and all; empty if there was none.
 * @throws ManifestTooLargeError  more than MAX_MANIFEST_BYTES.
 * @throws InvalidManifestError  with the place and the reason.
 * @see OCI image-spec, "Image Manifest" and "Image Index"; CVE-2021-41190.
 */
export function parseManifest(bytes: Uint8Array, contentType: string): Manifest {
  const declared = withoutParameters(contentType);
  const document = decodeManifest(bytes);
  KNOWN_KEYS.refuseLookalikes(document, '');
  const mediaType = readOwnMediaType(document, declared);
  const shape = shapeOf(document, mediaType);
  requireShape(document, shape);
  const config = shape === 'image' ? readDescriptor(document['config'], 'config') : null;
  return {
    kind: shape === 'index' ? 'index' : 'image',
    mediaType,
    artifactType: findMediaType(document['artifactType'], 'artifactType'),
    configMediaType: config?.mediaType ?? null,
    config,
    layers: shape === 'index' ? [] : readDescriptors(document, shape === 'image' ? 'layers' : 'blobs'),
    children: shape === 'index' ? readDescriptors(document, 'manifests') : [],
    subject: isPresent(document, 'subject') ? readDescriptor(document['subject'], 'subject') : null,
    annotations: findAnnotations(document['annotations'], 'annotations') ?? {},
  };
}

const KNOWN_KEYS = new KnownKeys(
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'blobs',
  'manifests',
  'subject',
  'annotations',
  'fsLayers',
);

/** `artifact` is the old OCI artifact manifest. */
type Shape = 'image' | 'index' | 'artifact';

/** Keys that make another reader take a document of this shape for one of another. */
const FOREIGN_KEYS = {
  image: ['manifests'],
  index: ['config', 'layers'],
  artifact: ['manifests', 'config', 'layers'],
} as const satisfies Record<Shape, readonly string[]>;

function readOwnMediaType(document: JsonObject, declared: string): string {
  const stated = findMediaType(document['mediaType'], 'mediaType');
  if (declared === '' && stated === null) {
    throw new InvalidManifestError('mediaType', 'is missing, and so is the Content-Type');
  }
  const mediaType = stated ?? declared;
  if (declared !== '' && declared !== mediaType) {
    throw new InvalidManifestError('mediaType', `${quoted(mediaType)} is not the Content-Type, ${quoted(declared)}`);
  }
  if (isSchema1(mediaType)) throw schema1Refused();
  const needsStatement = mediaType === MediaType.DockerManifest || mediaType === MediaType.DockerManifestList;
  if (needsStatement && stated === null) throw new InvalidManifestError('mediaType', 'is missing');
  return mediaType;
}

function shapeOf(document: JsonObject, mediaType: string): Shape {
  if (mediaType === MediaType.OciArtifactManifest) return 'artifact';
  if (isManifestType(mediaType)) return 'image';
  if (isIndexType(mediaType)) return 'index';
  if (!isMediaType(mediaType) || !/^application\/.*\+json$/i.test(mediaType)) {
    throw new InvalidManifestError('', `${quoted(mediaType)} is not the media type of a manifest`);
  }
  if (isPresent(document, 'config') || isPresent(document, 'layers')) return 'image';
  if ('manifests' in document) return 'index';
  throw new InvalidManifestError('', 'has neither config and layers nor manifests');
}

function requireShape(document: JsonObject, shape: Shape): void {
  const version = document['schemaVersion'];
  if (version === 1 || isPresent(document, 'fsLayers')) throw schema1Refused();
  if (version !== 2 && (shape !== 'artifact' || version !== undefined)) {
    throw new InvalidManifestError('schemaVersion', 'is not 2');
  }
  for (const key of FOREIGN_KEYS[shape]) {
    if (isPresent(document, key)) {
      throw new InvalidManifestError(
        key,
        `cannot stand in an ${NAMES[shape]}, which this is by its type or other keys`,
      );
    }
  }
  if (shape === 'index' && !('manifests' in document)) throw new InvalidManifestError('manifests', 'is missing');
}

const NAMES = { image: 'image manifest', index: 'index', artifact: 'artifact manifest' } as const;

function readDescriptors(document: JsonObject, key: 'layers' | 'blobs' | 'manifests'): readonly Descriptor[] {
  if (!isPresent(document, key)) return [];
  const list = document[key];
  if (!Array.isArray(list)) throw new InvalidManifestError(key, 'is not an array');
  if (list.length > MAX_DESCRIPTORS) {
    throw new InvalidManifestError(key, `has ${list.length} entries, ${MAX_DESCRIPTORS} are allowed`);
  }
  return list.map((item: unknown, index) => readDescriptor(item, `${key}[${index}]`));
}

/** `null` is how Go writes an empty slice or pointer, and is as good as nothing. */
function isPresent(document: JsonObject, key: string): boolean {
  return document[key] !== undefined && document[key] !== null;
}

function schema1Refused(): InvalidManifestError {
  return new InvalidManifestError(
    '',
    'Docker schema 1 is not accepted; push again with a client that writes OCI or Docker schema 2 manifests',
  );
}
