import { randomBytes } from 'node:crypto';
import { DataSetBuilder, TYPE, type DataSet, type Descriptor } from './data-set.js';

type Fill = (set: DataSetBuilder) => void;

const platform = (architecture: string) => ({ platform: { os: 'linux', architecture } });

/** One of each kind of content that a registry has to take, with what makes it hard. */
const SETS: readonly (readonly [name: string, fill: Fill])[] = [
  ['an image', (set) => set.image({ tags: ['image', 'image-again'] })],
  [
    'an image with plain layers',
    (set) => set.image({ tags: ['plain'], layers: [set.layer(TYPE.layer), set.layer(TYPE.layer)] }),
  ],
  [
    // Close to the 4 MB that every registry has to take, and more than frameworks allow.
    'a manifest of almost four megabytes',
    (set) => set.image({ tags: ['large'], annotations: annotations(390, 10_000) }),
  ],
  [
    'an index',
    (set) => {
      const [amd64, arm64] = [set.image({ tags: ['index-amd64'] }), set.image()];
      set.index(
        [
          { ...amd64, ...platform('amd64') },
          { ...arm64, ...platform('arm64') },
        ],
        { tags: ['index'] },
      );
    },
  ],
  [
    'an index of indexes, children without a platform',
    (set) => {
      const inner = [set.index([set.image()]), set.index([set.image(), set.image()])];
      set.index(inner, { tags: ['nested'] });
    },
  ],
  ['an empty index', (set) => set.index([], { tags: ['empty'] })],
  [
    'an artifact',
    (set) => set.image({ tags: ['artifact'], artifactType: 'application/vnd.example.a', config: set.emptyObject() }),
  ],
  [
    'an index of artifacts',
    (set) => {
      const artifact = (artifactType: string): Descriptor => set.image({ artifactType, config: set.emptyObject() });
      const children = [artifact('application/vnd.example.a'), artifact('application/vnd.example.b')];
      set.index(children, { tags: ['artifacts'], artifactType: 'application/vnd.example.all' });
    },
  ],
  [
    // The same digest twice in one manifest.
    'an artifact whose only layer is its config',
    (set) => {
      const empty = set.emptyObject();
      set.image({ tags: ['nothing'], artifactType: 'application/vnd.example.a', config: empty, layers: [empty] });
    },
  ],
  [
    'an image with artifacts that refer to it',
    (set) => {
      const subject = set.image({ tags: ['subject'] });
      const about = { subject, config: set.emptyObject() };
      set.image({ ...about, tags: ['sbom'], artifactType: 'application/vnd.example.sbom', annotations: { of: 'it' } });
      set.image({ ...about, artifactType: 'application/vnd.example.signature' });
      // Its type is that of its configuration.
      set.image({ tags: ['tagged'], subject, annotations: { 'org.example.a': 'a', 'org.example.b': 'b' } });
    },
  ],
  [
    'an index with an index that refers to it',
    (set) => {
      const subject = set.index([set.image()], { tags: ['subject'] });
      set.index([set.image()], { subject, artifactType: 'application/vnd.example.bundle', annotations: { k: 'v' } });
      set.index([set.image()], { subject, tags: ['untyped'] });
    },
  ],
  [
    'artifacts whose subject was never pushed',
    (set) => {
      const subject = set.missing(TYPE.manifest);
      set.image({ tags: ['orphan'], subject, artifactType: 'application/vnd.example.sbom', config: set.emptyObject() });
      set.image({ subject, artifactType: 'application/vnd.example.sbom', config: set.emptyObject() });
    },
  ],
  [
    'descriptors with their content inside',
    (set) => {
      const inline = (descriptor: Descriptor, content: Buffer): Descriptor => ({
        ...descriptor,
        data: content.toString('base64'),
      });
      const [config, layer] = [Buffer.from('{}'), randomBytes(100)];
      set.image({
        tags: ['inline'],
        artifactType: 'application/vnd.example.a',
        config: inline(set.blob(TYPE.empty, config), config),
        layers: [inline(set.blob('application/octet-stream', layer), layer)],
      });
    },
  ],
  [
    'layers that are somewhere else',
    (set) => {
      const foreign = (): Descriptor => set.missing(TYPE.foreignLayer, { urls: ['https://example.com/layer'] });
      set.image({ tags: ['foreign'], layers: [foreign(), set.layer(), foreign()] });
    },
  ],
  [
    'fields that nobody has heard of',
    (set) => {
      const more = { 'org.example.unknown': { deep: [1, null, 'x'] }, zzz: true };
      const image = set.image({ config: set.config(more), layers: [{ ...set.layer(), zzz: 1 }], more });
      set.index([{ ...image, zzz: 'child' }], { tags: ['custom'], more });
    },
  ],
  ['an image without layers', (set) => set.image({ tags: ['no-layers'], layers: [] })],
  [
    'a manifest and an index of which something is missing',
    (set) => {
      set.image({ tags: ['no-layer'], layers: [set.layer(), set.missing(TYPE.layerGzip)] });
      set.index([set.image(), set.missing(TYPE.manifest)], { tags: ['no-child'] });
    },
  ],
];

/** All sets with new content. */
export function newDataSets(): DataSet[] {
  return [
    ...SETS.map(([name, fill]) => filled(new DataSetBuilder(name), fill)),
    // A tag pushed with its manifest names it by the canonical algorithm: this set is by digest only.
    filled(new DataSetBuilder('an index with digests of the other algorithm', 'sha512'), (set) =>
      set.index([set.image(), set.image()]),
    ),
    ...(['sha256', 'sha512'] as const).map((algorithm) =>
      filled(new DataSetBuilder(`tags given with a push by digest, ${algorithm}`, algorithm, true), (set) => {
        const children = [set.image({ tags: ['child-a'] }), set.image({ tags: ['child-b'] })];
        set.index(children, { tags: ['both', 'latest'] });
      }),
    ),
  ];
}

function filled(set: DataSetBuilder, fill: Fill): DataSet {
  fill(set);
  return set.build();
}

function annotations(count: number, length: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`org.example.${index}`, String(index % 10).repeat(length)]),
  );
}
