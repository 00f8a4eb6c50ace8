import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digests } from '../../testing/arbitraries.js';
import { type Json, anImage, anIndex } from '../../testing/manifests.js';
import { Digest } from '../digest.js';
import type { Descriptor } from './descriptor.js';
import { InvalidManifestError, ManifestTooLargeError } from './manifest-errors.js';
import { type Manifest, parseManifest } from './manifest.js';
import { MediaType } from './media-types.js';
import { blobReferences, childReferences, referrerArtifactType } from './references-of.js';

const contentTypes = fc.oneof(
  fc.constantFrom(...Object.values(MediaType), '', 'application/x+json', 'application/x+json; a=b'),
  fc.string({ maxLength: 30 }),
);

const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, -1, 1e300, '', 'sha256:', '\ud800', [], {}, [null], { __proto__: null }),
);

/** The right value, and once in a while any other. */
function nearly(right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: right }, { weight: 1, arbitrary: anything });
}

const texts = fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), { maxKeys: 3 });

/** Documents with the right keys and, now and then, a wrong value: these reach deep into the parser. */
const descriptorsNearly = nearly(
  fc.record(
    {
      mediaType: nearly(fc.constantFrom(...Object.values(MediaType))),
      digest: nearly(digests),
      size: nearly(fc.maxSafeNat()),
      urls: nearly(fc.array(fc.webUrl(), { maxLength: 2 })),
      annotations: nearly(texts),
      data: nearly(fc.base64String()),
      platform: nearly(fc.record({ os: fc.string(), architecture: fc.string() })),
      artifactType: nearly(fc.constant('application/x')),
    },
    { requiredKeys: ['mediaType', 'digest', 'size'] },
  ),
);

const listsNearly = nearly(fc.array(descriptorsNearly, { maxLength: 3 }));

const common = {
  schemaVersion: nearly(fc.constant(2)),
  subject: descriptorsNearly,
  annotations: nearly(texts),
  artifactType: nearly(fc.constant('application/x')),
};

const imagesNearly = fc.record(
  { ...common, mediaType: nearly(fc.constant(MediaType.OciManifest)), config: descriptorsNearly, layers: listsNearly },
  { requiredKeys: ['schemaVersion', 'config'] },
);

const indexesNearly = fc.record(
  { ...common, mediaType: nearly(fc.constant(MediaType.OciIndex)), manifests: listsNearly },
  { requiredKeys: ['schemaVersion', 'manifests'] },
);

/** With the Content-Type they should be pushed under. */
const pushesNearly = fc.oneof(
  imagesNearly.map((document): [object, string] => [document, MediaType.OciManifest]),
  indexesNearly.map((document): [object, string] => [document, MediaType.OciIndex]),
  fc
    .tuple(imagesNearly, indexesNearly)
    .map(([image, index]): [object, string] => [{ ...index, ...image }, 'application/x+json']),
);

const encode = (document: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(document) ?? '');

function outcomeOf(bytes: Uint8Array, contentType: string): Manifest | null {
  try {
    return parseManifest(bytes, contentType);
  } catch (error) {
    if (error instanceof InvalidManifestError || error instanceof ManifestTooLargeError) return null;
    throw error;
  }
}

function expectSound(manifest: Manifest): void {
  const all: Descriptor[] = [...manifest.layers, ...manifest.children];
  if (manifest.config) all.push(manifest.config);
  if (manifest.subject) all.push(manifest.subject);
  for (const descriptor of all) {
    expect(Digest.is(descriptor.digest)).toBe(true);
    expect(Number.isSafeInteger(descriptor.sizeBytes) && descriptor.sizeBytes >= 0).toBe(true);
    expect(descriptor.mediaType).not.toBe('');
  }
  expect(manifest.kind === 'index' ? manifest.layers : manifest.children).toEqual([]);
  expect(blobReferences(manifest)).toHaveLength(manifest.layers.length + (manifest.config ? 1 : 0));
  expect(childReferences(manifest)).toHaveLength(manifest.children.length);
  if (manifest.kind === 'index') expect(referrerArtifactType(manifest)).toBe(manifest.artifactType);
}

describe('parseManifest, whatever it is given', () => {
  it('makes of any bytes a manifest or a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), contentTypes, (bytes, contentType) => {
        expect(outcomeOf(bytes, contentType)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  it('makes of any JSON a manifest or a refusal', () => {
    fc.assert(
      fc.property(anything, contentTypes, (document, contentType) => {
        const manifest = outcomeOf(encode(document), contentType);
        if (manifest) expectSound(manifest);
      }),
      { numRuns: 500 },
    );
  });

  it('makes of documents that are nearly right a sound manifest or a refusal', () => {
    const outcomes = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(pushesNearly, contentTypes, fc.boolean(), ([document, own], other, asItShould) => {
        const manifest = outcomeOf(encode(document), asItShould ? own : other);
        if (manifest) expectSound(manifest);
        outcomes[manifest ? 'taken' : 'refused'] += 1;
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(outcomes.taken, outcomes.refused)).toBeGreaterThan(100);
  });

  it('survives any one value of a good manifest being replaced by another', () => {
    const goods: Json[] = [anImage({ subject: { ...(anImage()['config'] as Json) } }), anIndex()];
    fc.assert(
      fc.property(fc.constantFrom(...goods), fc.nat(), anything, (good, choice, value) => {
        const keys = Object.keys(good);
        const key = keys[choice % keys.length] ?? '';
        const manifest = outcomeOf(encode({ ...good, [key]: value }), String(good['mediaType']));
        if (manifest) expectSound(manifest);
      }),
      { numRuns: 1000 },
    );
  });

  it('never answers two ways to the same bytes', () => {
    fc.assert(
      fc.property(pushesNearly, ([document, contentType]) => {
        const bytes = encode(document);
        expect(outcomeOf(bytes, contentType)).toEqual(outcomeOf(bytes, contentType));
      }),
    );
  });

  it('keeps annotations whose keys have a meaning to JavaScript', () => {
    const text = '{"schemaVersion":2,"manifests":[],"annotations":{"__proto__":"a","constructor":"b"}}';
    const { annotations } = parseManifest(new TextEncoder().encode(text), MediaType.OciIndex);
    expect(Object.entries(annotations)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  it('comes to an end on ten thousand layers, each with every field', () => {
    const layer = {
      ...(anImage()['config'] as Json),
      urls: ['https://example.com'],
      annotations: { a: 'b' },
      data: '',
    };
    const manifest = parseManifest(encode(anImage({ layers: Array(10_000).fill(layer) })), MediaType.OciManifest);
    expect(blobReferences(manifest)).toHaveLength(10_001);
  });

  it('comes to an end on four megabytes of keys it does not know', () => {
    const keys = Object.fromEntries(Array.from({ length: 250_000 }, (_, i) => [`k${i}`, 0]));
    expect(outcomeOf(encode(anImage(keys)), MediaType.OciManifest)?.kind).toBe('image');
  });
});
