import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createAudit, createCollector } from '../../collection/create-collector.js';
import type { CatalogWorld } from '../catalog-world.js';
import { NEVER } from '../content.js';
import type { Bench } from './bench.js';
import type { Universe } from './universe.js';
import { REPOSITORIES } from './universe.js';

export interface TestFolder {
  readonly config: { readonly driver: 'filesystem'; readonly root: string };
  stop(): Promise<void>;
}

export async function aFolder(): Promise<TestFolder> {
  const root = await mkdtemp(join(tmpdir(), 'claims-'));
  return { config: { driver: 'filesystem', root }, stop: () => rm(root, { recursive: true, force: true }) };
}

/** Nothing is left of the run before, whatever became of it; no empty folder either, for they are walked at every step. */
export async function reset({ database }: CatalogWorld, root: string): Promise<void> {
  await database.rows(`TRUNCATE project, repository, blob, trash, deleted_artifact, outbox_event CASCADE`);
  const shards = await readdir(join(root, 'blobs')).catch(() => []);
  for (const shard of shards) await rm(join(root, 'blobs', shard), { recursive: true });
}

/** Blobs that a reader would not get as they were pushed. @param seen  keys that were right: they do not change. */
export async function wrongBytes(
  { database, store }: CatalogWorld,
  universe: Universe,
  seen: Set<string>,
): Promise<string[]> {
  const rows = await database.rows<{ digest: string; object_key: string }>('SELECT digest, object_key FROM blob');
  const wrong: string[] = [];
  for (const { digest, object_key } of rows.filter((row) => !seen.has(row.object_key))) {
    const content = universe.contents.find((one) => one.digest === digest);
    const bytes = await buffer((await store.read(object_key)).stream());
    if (content === undefined || !bytes.equals(content.bytes)) wrong.push(content?.name ?? digest);
    seen.add(object_key);
  }
  return wrong;
}

export async function isWell({ database, store }: CatalogWorld): Promise<boolean> {
  const report = await createAudit(database, store).run({ isRehashing: true }, NEVER);
  if (!report.isWell) throw new Error(`not well: ${JSON.stringify(report)}`);
  return true;
}

/**
 * Deletes all there is and lets time pass: in the end there must be no row of it and no byte.
 *
 * @throws Error  something is left that would never go.
 */
export async function collectEverything(world: CatalogWorld, bench: Bench): Promise<void> {
  const collector = createCollector(world.database, world.store, { graceSeconds: 600, batchSize: 7 });
  for (let repository = 0; repository < REPOSITORIES; repository++) await bench.deleteRepository({ at: 0, repository });
  // Each pass finds what the one before has set free.
  for (let pass = 0; pass < 3; pass++) {
    for (let repository = 0; repository < REPOSITORIES; repository++) await bench.endLeases({ repository });
    await bench.endUploads();
    await bench.silenceWriters();
    await bench.endRestoring();
    await bench.endGrace();
    await bench.makeTrashDue();
    const { failures, failedDeletes } = await collector.runOnce(NEVER);
    if (failures.length + failedDeletes > 0) throw new Error('the collector failed', { cause: failures });
  }
  const [row] = await world.database.rows<{ left: object }>(
    `SELECT jsonb_build_object(
       'repository', (SELECT count(*) FROM repository), 'artifact', (SELECT count(*) FROM artifact),
       'blob', (SELECT count(*) FROM blob), 'upload', (SELECT count(*) FROM upload),
       'deleted_artifact', (SELECT count(*) FROM deleted_artifact), 'trash', (SELECT count(*) FROM trash)) AS left`,
  );
  const left = Object.entries(row?.left ?? {}).filter(([, count]) => count !== 0);
  for await (const page of world.store.list('blobs/')) left.push(['objects', page.length]);
  if (left.length > 0) throw new Error(`left behind: ${JSON.stringify(Object.fromEntries(left))}`);
}
