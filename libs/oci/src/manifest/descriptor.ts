import { Digest } from '../digest.js';
import { quoted } from '../excerpt.js';
import { InvalidManifestError } from './manifest-errors.js';
import { KnownKeys, findAnnotations, findMediaType, findTexts, readMediaType, readText } from './manifest-fields.js';
import { isJsonObject } from './manifest-json.js';

/**
 * What a manifest says of one piece of content.
 *
 * @see OCI image-spec, "OCI Content Descriptors".
 */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Where else the content is to be had; never called by us. */
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
  /** Whether the content stands in the descriptor itself (`data`). It is a copy: the blob is still required. */
  readonly hasData: boolean;
}

/** BuildKit writes `unknown/unknown` for its attestations. Empty where the document says nothing. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
}

const KNOWN_KEYS = new KnownKeys(
  'mediaType',
  'digest',
  'size',
  'urls',
  'annotations',
  'data',
  'platform',
  'artifactType',
);

/**
 * @param at  where the value stands in its document, e.g. `layers[2]`.
 * @throws InvalidManifestError  naming the field.
 */
export function readDescriptor(value: unknown, at: string): Descriptor {
  if (!isJsonObject(value)) throw new InvalidManifestError(at, 'is not a descriptor');
  KNOWN_KEYS.refuseLookalikes(value, at);
  const urls = findTexts(value['urls'], `${at}.urls`);
  const annotations = findAnnotations(value['annotations'], `${at}.annotations`);
  const platform = findPlatform(value['platform'], `${at}.platform`);
  const artifactType = findMediaType(value['artifactType'], `${at}.artifactType`);
  return {
    mediaType: readMediaType(value['mediaType'], `${at}.mediaType`),
    digest: readDigest(value['digest'], `${at}.digest`),
    sizeBytes: readSize(value['size'], `${at}.size`),
    ...(urls && { urls }),
    ...(annotations && { annotations }),
    ...(platform && { platform }),
    ...(artifactType !== null && { artifactType }),
    hasData: hasData(value['data'], `${at}.data`),
  };
}

function readDigest(value: unknown, at: string): Digest {
  if (typeof value !== 'string') throw new InvalidManifestError(at, 'is not a string');
  if (!Digest.is(value)) {
    throw new InvalidManifestError(at, `${quoted(value)} is not a sha256 or sha512 digest in lower-case hex`);
  }
  return value;
}

/** Up to 2^53 − 1: larger numbers have lost digits before we see them. */
function readSize(value: unknown, at: string): number {
  if (typeof value !== 'number') throw new InvalidManifestError(at, 'is not a number');
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidManifestError(at, `${value} is not a whole number of bytes from 0 to 2^53 - 1`);
  }
  return value === 0 ? 0 : value; // JSON can spell -0
}

function hasData(value: unknown, at: string): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value !== 'string') throw new InvalidManifestError(at, 'is not a string');
  return true;
}

function findPlatform(value: unknown, at: string): Platform | null {
  if (value === null || value === undefined) return null;
  if (!isJsonObject(value)) throw new InvalidManifestError(at, 'is not an object');
  const variant = findText(value['variant'], `${at}.variant`);
  const osVersion = findText(value['os.version'], `${at}["os.version"]`);
  const osFeatures = findTexts(value['os.features'], `${at}["os.features"]`);
  return {
    os: findText(value['os'], `${at}.os`),
    architecture: findText(value['architecture'], `${at}.architecture`),
    ...(variant !== '' && { variant }),
    ...(osVersion !== '' && { osVersion }),
    ...(osFeatures && { osFeatures }),
  };
}

function findText(value: unknown, at: string): string {
  return value === null || value === undefined ? '' : readText(value, at);
}
