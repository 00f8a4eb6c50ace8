import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { propertySettings } from '@breakwater/testing';
import fc from 'fast-check';
import type { Catalog } from '../create-catalog.js';
import { Acknowledged } from '../testing/claims/acknowledged.js';
import { anyCommand, beginning, type Command, perform } from '../testing/claims/actions.js';
import { Bench } from '../testing/claims/bench.js';
import { Model } from '../testing/claims/model.js';
import { observeDatabase, observeModel } from '../testing/claims/observe.js';
import { aUniverse, type Universe } from '../testing/claims/universe.js';
import { aFolder, collectEverything, isWell, reset, type TestFolder, wrongBytes } from '../testing/claims/whole.js';
import { type CatalogWorld, createCatalogWorld } from '../testing/catalog-world.js';
import { brokenOwnership } from '../testing/ownership.js';

/**
 * The claims: no manifest ever loses a blob that it had; whoever may read something reads it byte for byte, and nobody
 * else does; no byte is without an owner and no row without its bytes; what nobody needs goes, to the last byte.
 *
 * Two processes serve and two collect; requests stall, are taken over from and wake; collectors die with objects in
 * their hands. Time passes when the test says so.
 */
describe('the claims of the catalog', () => {
  let folder: TestFolder;
  let world: CatalogWorld;
  let processes: Catalog[];

  beforeAll(async () => {
    folder = await aFolder();
    world = await createCatalogWorld(async () => folder);
    const options = { uploadWriterSeconds: 3_600, uploadIdleSeconds: 3_600 };
    processes = [await world.replica({ options }), await world.replica({ options })];
  });
  afterAll(() => world.close());

  it('hold one thing after the other: everybody is told, and finds, what a model of it says', async () => {
    const commands = fc.tuple(beginning(), fc.array(anyCommand(), { minLength: 10, maxLength: 40, size: 'max' }));
    await fc.assert(
      fc.asyncProperty(commands, (all) =>
        run(async (bench, universe) => {
          const model = new Model(universe);
          const seen = new Set<string>();
          for (const command of all.flat()) await step(command, { bench, model, universe, seen });
        }),
      ),
      propertySettings(12),
    );
  }, 3_600_000);

  it('hold when everything is done at once', async () => {
    const round = fc.array(anyCommand(), { minLength: 2, maxLength: 6, size: 'max' });
    const rounds = fc.tuple(beginning(), fc.array(round, { minLength: 3, maxLength: 8, size: 'max' }));
    await fc.assert(
      fc.asyncProperty(rounds, ([first, rest]) =>
        run(async (bench, universe) => {
          const acknowledged = new Acknowledged(world.database, universe);
          for (const round of [...first.map((command) => [command]), ...rest]) {
            const outcomes = await Promise.all(round.map((command) => perform(bench, command)));
            expect(await acknowledged.broken(round, outcomes)).toEqual([]);
            expect(await isWell(world)).toBe(true);
          }
        }),
      ),
      propertySettings(10),
    );
  }, 3_600_000);

  async function run(work: (bench: Bench, universe: Universe) => Promise<void>): Promise<void> {
    await reset(world, folder.config.root);
    const universe = await aUniverse(world);
    const bench = new Bench(world, universe, processes);
    try {
      await work(bench, universe);
      expect(await isWell(world)).toBe(true);
      await collectEverything(world, bench);
    } finally {
      await bench.breakOff();
    }
    expect(await brokenOwnership(world.database, world.store)).toEqual([]);
  }

  async function step(command: Command, { bench, model, universe, seen }: Run): Promise<void> {
    const expected = perform(model, command);
    const actual = await perform(bench, command);
    expect([command[0], actual]).toEqual([command[0], expected]);
    const ids = bench.uploads.map(({ id }) => id);
    expect(await observeDatabase(world.database, universe, ids)).toEqual(observeModel(model, universe));
    expect(await wrongBytes(world, universe, seen)).toEqual([]);
    expect(await brokenOwnership(world.database, world.store)).toEqual([]);
  }
});

interface Run {
  readonly bench: Bench;
  readonly model: Model;
  readonly universe: Universe;
  readonly seen: Set<string>;
}
