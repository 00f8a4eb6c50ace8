import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppError } from '@breakwater/errors';
import { type Tag, fallbackTag } from '@breakwater/oci';
import fc from 'fast-check';
import { createCollector } from './collection/create-collector.js';
import type { Catalog } from './create-catalog.js';
import { wrongBookkeeping } from './testing/bookkeeping.js';
import { type CatalogWorld, CI, createCatalogWorld } from './testing/catalog-world.js';
import {
  anImage,
  anImageOnTopOf,
  anIndex,
  aReferrer,
  byDigest,
  Client,
  digestOf,
  NEVER,
  type TestImage,
} from './testing/content.js';
import { brokenOwnership } from './testing/ownership.js';

/** What a client may be told when others take away what it works with; anything else is a mistake of ours. */
const EXPECTED = [
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_UNKNOWN',
  'ARTIFACT_REFERENCED',
  'BLOB_UNKNOWN',
  'BLOB_REFERENCED',
];

type Step = (world: Bench) => Promise<unknown>;

interface Bench {
  readonly clients: readonly Client[];
  readonly artifacts: readonly TestImage[];
  readonly collect: () => Promise<unknown>;
}

/**
 * The claim of the house: no committed manifest ever loses a blob, no byte is without an owner, every count is right;
 * whatever goes on at once, with leases of no length and a collector without mercy.
 */
describe('the catalog under everything at once', () => {
  let world: CatalogWorld;
  let processes: Catalog[];

  beforeAll(async () => {
    world = await createCatalogWorld();
    const options = { blobLeaseSeconds: 0, trashSeconds: 0 };
    processes = [await world.replica({ options }), await world.replica({ options })];
  });
  afterAll(() => world.close());

  it('keeps its claim', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(aStep(), { minLength: 1, maxLength: 5 }), { maxLength: 8 }),
        async (rounds) => {
          const bench = await setUp(world, processes);
          for (const round of rounds) {
            const outcomes = await Promise.allSettled(round.map((step) => step(bench)));
            for (const outcome of outcomes) if (outcome.status === 'rejected') expectOrdinary(outcome.reason);
            expect(await wrongBookkeeping(world.database)).toEqual({});
            expect(await wrongSizes(world)).toEqual([]);
          }
          expect(await brokenOwnership(world.database, world.store)).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  }, 3_600_000);
});

async function setUp(world: CatalogWorld, processes: readonly Catalog[]): Promise<Bench> {
  const [strict, sparse] = [await world.aProject(), await world.aProject({ sparse_content: 'true' })];
  const clients = [strict.repository('one'), strict.repository('two'), sparse.repository('three')].map(
    (repository, nth) => new Client(processes[nth % 2] as Catalog, nth < 2 ? strict : sparse, repository, CI),
  );
  const [first, second] = [anImage(), anImage()];
  const shared = anImageOnTopOf(first);
  const inner = anIndex([first.descriptor, second.descriptor]);
  const outer = anIndex([inner.descriptor, first.descriptor, shared.descriptor]);
  const referrer = aReferrer(first.descriptor);
  const list = anIndex([referrer.descriptor]);
  const collector = createCollector(world.database, world.store, { graceSeconds: 0 });
  return {
    clients,
    artifacts: [first, second, shared, inner, outer, referrer, list],
    collect: () => collector.runOnce(NEVER),
  };
}

function aStep(): fc.Arbitrary<Step> {
  const which = fc.record({ client: fc.nat(2), artifact: fc.nat(6), tag: fc.constantFrom('v1', 'v2', 'fallback') });
  const step = (weight: number, make: (picked: Picked) => Promise<unknown>) => ({
    weight,
    arbitrary: which.map((names) => (bench: Bench) => make(pick(bench, names))),
  });
  return fc.oneof(
    step(6, ({ client, artifact, tag }) => client.push(artifact, { kind: 'tag', tag })),
    step(2, ({ client, artifact }) => client.push(artifact)),
    step(2, ({ client, artifact, tag }) => client.put(artifact, byDigest(artifact.digest), [tag])),
    step(2, ({ client, artifact }) => client.delete(byDigest(artifact.digest))),
    step(2, ({ client, tag }) => client.delete({ kind: 'tag', tag })),
    step(1, ({ client, blob }) => client.catalog.blobs.delete(client.repository, blob)),
    step(1, ({ client, blob }) => client.hasBlob(blob)),
    step(2, ({ client, other, blob }) => client.mount(blob, other.repository)),
    step(3, ({ collect }) => collect()),
  );
}

type Picked = ReturnType<typeof pick>;

function pick({ clients, artifacts, collect }: Bench, names: { client: number; artifact: number; tag: string }) {
  const artifact = artifacts[names.artifact] as TestImage;
  const [first] = artifacts as [TestImage];
  const tag = (names.tag === 'fallback' ? fallbackTag(first.digest) : names.tag) as Tag;
  return {
    client: clients[names.client] as Client,
    other: clients[(names.client + 1) % clients.length] as Client,
    artifact,
    blob: digestOf(artifact.blobs[0] ?? (first.blobs[0] as Buffer)),
    tag,
    collect,
  };
}

function expectOrdinary(reason: unknown): void {
  if (!(reason instanceof AppError) || !EXPECTED.includes(reason.code)) throw reason;
}

/** Indexes whose size is not that of what they hold. */
function wrongSizes(world: CatalogWorld): Promise<object[]> {
  return world.database.rows(
    `SELECT i.digest, i.size_bytes FROM artifact i
     WHERE EXISTS (SELECT FROM artifact_reference r WHERE r.artifact_id = i.id AND r.role = 'child')
       AND i.size_bytes <> i.manifest_size_bytes + (
         SELECT coalesce(sum(held.size_bytes), 0) FROM (
           SELECT DISTINCT c.id, c.size_bytes FROM artifact_reference r JOIN artifact c ON c.id = r.child_id
           WHERE r.artifact_id = i.id) held)`,
  );
}
