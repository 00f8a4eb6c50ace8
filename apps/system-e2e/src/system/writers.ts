import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { installation } from './installation.js';

/**
 * How many requests write to an upload of the shared installation now, 0 or 1: what no answer tells. The database is
 * asked, by the address that the installation leaves in its data folder.
 *
 * @param location  as the registry told it.
 */
export async function writersOf(location: string): Promise<number> {
  const id = new URL(location, 'http://relative').pathname.split('/').at(-1);
  const url = readFileSync(join(installation().dataDirectory, 'database-url'), 'utf8');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM upload WHERE id = $1 AND writer IS NOT NULL', [id]);
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}
