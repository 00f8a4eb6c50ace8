import { MediaType } from '@breakwater/oci';
import { randomBytes } from 'node:crypto';
import type { CatalogWorld, TestProject } from '../catalog-world.js';
import { aReferrer, descriptorOf, digestOf, manifestOf, type TestImage } from '../content.js';

export interface NamedContent {
  readonly name: string;
  readonly bytes: Buffer;
  readonly digest: string;
}

export interface NamedManifest {
  readonly name: string;
  readonly image: TestImage;
  /** What it says it needs, in its order, by name. */
  readonly blobs: readonly string[];
  readonly children: readonly string[];
  readonly subject: string | null;
  /** Which of its blobs is looked into when it is pushed. */
  readonly config: string | null;
}

/** All that can be pushed in one run. Nothing of it was ever stored before. */
export interface Universe {
  readonly contents: readonly NamedContent[];
  readonly manifests: readonly NamedManifest[];
  /** Two of a project that wants everything there, one of a project that allows gaps. */
  readonly repositories: readonly {
    readonly project: TestProject;
    readonly name: ReturnType<TestProject['repository']>;
  }[];
}

export const CONTENTS = 7;
export const MANIFESTS = 7;
export const REPOSITORIES = 3;
/** What a process that wakes still writes, when it writes other content. */
export const LATE_BYTES = 3;
export const TAGS = ['v1', 'v2'] as const;

export async function aUniverse(world: CatalogWorld): Promise<Universe> {
  const salt = randomBytes(8).toString('hex');
  const content = (name: string, bytes: Buffer): NamedContent => ({ name, bytes, digest: digestOf(bytes) });
  const config = content('config', Buffer.from(JSON.stringify({ os: 'linux', salt })));
  const one = content('one', randomBytes(2_000));
  const two = content('two', randomBytes(9));
  const cache = content('cache', randomBytes(70_000));
  const image = (over: Record<string, unknown>, layers: readonly NamedContent[]): TestImage =>
    manifestOf(MediaType.OciManifest, [], {
      schemaVersion: 2,
      mediaType: MediaType.OciManifest,
      config: descriptorOf(config.bytes, MediaType.OciConfig),
      layers: layers.map(({ bytes }) => descriptorOf(bytes, MediaType.OciLayerGzip)),
      ...over,
    });
  const index = (...children: object[]): TestImage =>
    manifestOf(MediaType.OciIndex, [], { schemaVersion: 2, mediaType: MediaType.OciIndex, manifests: children });
  const first = image({}, [one, two]);
  // A layer that is named twice.
  const second = image({ annotations: { salt } }, [two, one, two]);
  const both = index(first.descriptor, second.descriptor);
  const outer = index(both.descriptor, first.descriptor);
  const caching = index(
    descriptorOf(cache.bytes, MediaType.OciLayerGzip),
    descriptorOf(two.bytes, MediaType.OciLayerGzip),
  );
  const report = aReferrer(first.descriptor, { annotations: { salt } });
  const empty = content('empty', report.blobs[0] as Buffer);
  const payload = content('payload', report.blobs[1] as Buffer);
  const listing = index(report.descriptor);
  const manifest = (name: string, image: TestImage, needs: Partial<NamedManifest>): NamedManifest => ({
    name,
    image,
    blobs: [],
    children: [],
    subject: null,
    config: null,
    ...needs,
  });
  const [strict, sparse] = [await world.aProject(), await world.aProject({ sparse_content: 'true' })];
  return {
    contents: [config, one, two, cache, payload, empty, content('nothing', Buffer.alloc(0))],
    manifests: [
      manifest('first', first, { blobs: ['config', 'one', 'two'], config: 'config' }),
      manifest('second', second, { blobs: ['config', 'two', 'one', 'two'], config: 'config' }),
      manifest('both', both, { children: ['first', 'second'] }),
      manifest('outer', outer, { children: ['both', 'first'] }),
      manifest('caching', caching, { blobs: ['cache', 'two'] }),
      manifest('report', report, { blobs: ['empty', 'payload'], subject: 'first' }),
      manifest('listing', listing, { children: ['report'] }),
    ],
    repositories: [
      { project: strict, name: strict.repository('a') },
      { project: strict, name: strict.repository('b') },
      { project: sparse, name: sparse.repository('c') },
    ],
  };
}
