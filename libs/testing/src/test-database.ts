import { Database, type DatabaseOptions, type DatabaseSchema } from '@breakwater/database';
import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { fromSetup } from './services/environment.js';

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Opens it the way a process does; `drop` closes what was opened here. */
  connect(options?: Partial<Omit<DatabaseOptions, 'url'>>): Promise<Database>;
  /** Cuts every connection and removes it. */
  drop(): Promise<void>;
}

/**
 * A fresh database with the tables of `schema`, for one test file.
 *
 * The migrations run once per run of jest, into a template; each further call copies the template.
 */
export async function createTestDatabase(schema: DatabaseSchema): Promise<TestDatabase> {
  const template = await ensureTemplate(schema);
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdministrator((client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const opened: Database[] = [];
  const url = urlOf(name);
  return {
    name,
    url,
    async connect(options = {}) {
      const database = await Database.connect({ url, poolSize: 8, applicationName: 'test', ...options }, schema);
      opened.push(database);
      return database;
    },
    async drop() {
      await Promise.all(opened.map((database) => database.close()));
      await asAdministrator((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** Arbitrary; one template is made at a time. */
const TEMPLATE_LOCK = 7_306_019;

async function ensureTemplate(schema: DatabaseSchema): Promise<string> {
  // The text of the classes is their source: a changed migration makes another template.
  const sources = schema.migrations.map((migration) => `${migration.name}\n${migration.toString()}`);
  const name = `template_${createHash('sha256').update(sources.join('\n')).digest('hex').slice(0, 16)}`;
  await asAdministrator(async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]); // released when the connection ends
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount !== 0) return;
    const unfinished = `${name}_unfinished`;
    await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${unfinished}`);
    const options = { url: urlOf(unfinished), poolSize: 2, applicationName: 'test-template' };
    const database = await Database.connect(options, schema);
    try {
      await database.migrate();
    } finally {
      await database.close();
    }
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
  });
  return name;
}

function urlOf(database: string): string {
  const url = new URL(fromSetup('postgresUrl'));
  url.pathname = `/${database}`;
  return url.href;
}

async function asAdministrator<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: urlOf('postgres') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
