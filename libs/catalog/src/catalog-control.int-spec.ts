import { AppError } from '@breakwater/errors';
import { type RepositoryName, Tag } from '@breakwater/oci';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createCollector } from './collection/create-collector.js';
import type { Catalog } from './create-catalog.js';
import { type CatalogControl, createCatalogControl } from './create-catalog-control.js';
import { wrongBookkeeping } from './testing/bookkeeping.js';
import { CARLA, type CatalogWorld, CI, createCatalogWorld } from './testing/catalog-world.js';
import {
  anImage,
  anImageOnTopOf,
  anIndex,
  aReferrer,
  Client,
  digestOf,
  NEVER,
  someBytes,
  type TestImage,
} from './testing/content.js';
import { controlDependencies } from './testing/control.js';
import { brokenOwnership } from './testing/ownership.js';

/** What a caller may be told when others take away what it works with; anything else is a mistake of ours. */
const EXPECTED = [
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_UNKNOWN',
  'ARTIFACT_REFERENCED',
  'ARTIFACT_IS_ACCESSORY',
  'REPOSITORY_NOT_FOUND',
  'TAG_EXISTS',
  'TAG_NOT_FOUND',
  // A repository that is deleted beside an upload takes the upload along.
  'UPLOAD_BUSY',
  'UPLOAD_UNKNOWN',
];

interface Bench {
  readonly clients: readonly Client[];
  readonly artifacts: readonly TestImage[];
  readonly control: CatalogControl;
  readonly collect: () => Promise<unknown>;
}
type Step = (bench: Bench) => Promise<unknown>;

/** The claim of the house, with the control plane at it: copies, and whole repositories that go. */
describe('the control plane beside pushes and the collector', () => {
  let world: CatalogWorld;
  let catalog: Catalog;
  let control: CatalogControl;

  beforeAll(async () => {
    world = await createCatalogWorld();
    const options = { blobLeaseSeconds: 0, trashSeconds: 0 };
    catalog = await world.replica({ options });
    control = createCatalogControl({ ...controlDependencies(world), options });
  });
  afterAll(() => world.close());

  it('keeps every blob that a manifest needs, and every byte owned', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(aStep(), { minLength: 1, maxLength: 5 }), { maxLength: 8 }),
        async (rounds) => {
          const bench = await setUp(world, catalog, control);
          for (const round of rounds) {
            const outcomes = await Promise.allSettled(round.map((step) => step(bench)));
            for (const outcome of outcomes) if (outcome.status === 'rejected') expectOrdinary(outcome.reason);
            expect(await wrongBookkeeping(world.database)).toEqual({});
          }
          expect(await brokenOwnership(world.database, world.store)).toEqual([]);
          for (const client of bench.clients) await expectWhole(client, bench);
        },
      ),
      { numRuns: 25 },
    );
  }, 3_600_000);
});

async function setUp(world: CatalogWorld, catalog: Catalog, control: CatalogControl): Promise<Bench> {
  const [one, two] = [await world.aProject(), await world.aProject()];
  const clients = [new Client(catalog, one, one.repository(), CI), new Client(catalog, two, two.repository(), CI)];
  const first = anImage();
  const second = anImageOnTopOf(first);
  const index = anIndex([first.descriptor, second.descriptor]);
  const referrer = aReferrer(first.descriptor);
  const collector = createCollector(world.database, world.store, { graceSeconds: 0 });
  return { clients, artifacts: [first, second, index, referrer], control, collect: () => collector.runOnce(NEVER) };
}

function aStep(): fc.Arbitrary<Step> {
  const which = fc.record({ client: fc.nat(1), artifact: fc.nat(3), tag: fc.constantFrom('v1', 'v2') });
  const step = (weight: number, make: (picked: Picked) => Promise<unknown>) => ({
    weight,
    arbitrary: which.map((names) => (bench: Bench) => make(pick(bench, names))),
  });
  return fc.oneof(
    step(6, ({ client, artifact, tag }) => client.push(artifact, { kind: 'tag', tag })),
    step(2, ({ client }) => client.pushBlob(someBytes())),
    step(4, ({ control, from, reference, to }) => control.copies.copy(from, reference, to, CARLA)),
    step(2, ({ control, from, reference }) => control.artifacts.delete(from, reference, CARLA)),
    step(2, ({ control, client, name }) => control.repositories.delete(client.project, name, CARLA)),
    step(2, ({ control, from, reference, tag }) => control.tags.create(from, reference, tag, CARLA)),
    step(2, ({ control, from, reference, tag }) => control.tags.delete(from, reference, tag, CARLA)),
    step(3, ({ collect }) => collect()),
  );
}

type Picked = ReturnType<typeof pick>;

function pick(
  { clients, artifacts, control, collect }: Bench,
  names: { client: number; artifact: number; tag: string },
) {
  const client = clients[names.client] as Client;
  const other = clients[1 - names.client] as Client;
  const artifact = artifacts[names.artifact] as TestImage;
  const tag = Tag.parse(names.tag);
  const reference = names.artifact % 2 === 0 ? ({ kind: 'tag', tag } as const) : digestReference(artifact);
  const name: RepositoryName = client.repository;
  const from = { projectId: client.project.id, name };
  const to = { project: other.project, name: other.repository };
  return { client, artifact, tag, reference, name, from, to, control, collect };
}

const digestReference = ({ digest }: TestImage) => ({ kind: 'digest', digest }) as const;

/** Whatever is there can be pulled: its bytes are read, not only its rows. */
async function expectWhole(client: Client, { artifacts }: Bench): Promise<void> {
  for (const artifact of artifacts) {
    if ((await client.digestOf(digestReference(artifact))) === null) continue;
    for (const blob of artifact.blobs) expect(await client.hasBlob(digestOf(blob))).toBe(true);
  }
}

function expectOrdinary(reason: unknown): void {
  if (!(reason instanceof AppError) || !EXPECTED.includes(reason.code)) throw reason;
}
