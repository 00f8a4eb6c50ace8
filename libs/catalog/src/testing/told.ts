import type { Digest } from '@breakwater/oci';
import { type CatalogWorld, CI } from './catalog-world.js';
import { Client } from './content.js';

/** A client with a project and a repository of its own. */
export async function aClient(world: CatalogWorld, metadata?: Readonly<Record<string, string>>): Promise<Client> {
  const project = await world.aProject(metadata);
  return new Client(world.catalog, project, project.repository(), CI);
}

export async function artifactRow(world: CatalogWorld, digest: Digest): Promise<Record<string, unknown>> {
  const sql = 'SELECT * FROM artifact WHERE digest = $1';
  const [row = {}] = await world.database.rows<Record<string, unknown>>(sql, [digest]);
  return row;
}

/** What was told of a client's repository, oldest first: the kind of event (`tag-moved`), and its payload. */
export async function toldOf(
  world: CatalogWorld,
  client: Client,
): Promise<(readonly [kind: string, payload: Record<string, unknown>])[]> {
  const rows = await world.database.rows<{ subject: string; payload: Record<string, unknown> }>(
    `SELECT subject, payload FROM outbox_event WHERE payload ->> 'repository' = $1 ORDER BY id`,
    [client.repository],
  );
  return rows.map(({ subject, payload }) => [subject.split('.').at(-2) ?? '', payload] as const);
}

export async function kindsTold(world: CatalogWorld, client: Client): Promise<string[]> {
  return (await toldOf(world, client)).map(([kind]) => kind);
}
