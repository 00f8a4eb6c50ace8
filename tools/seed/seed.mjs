// npm run seed: fills a scratch installation with rows, to see how lists and the collector behave when there is a lot.
// The rows are like real ones, but no bytes lie behind them: pulls of seeded blobs fail and the audit calls them
// missing. So it wants an installation that holds nothing else, and says so otherwise.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const pg = createRequire(join(root, 'libs/database/package.json'))('pg');

const { values } = parseArgs({
  options: {
    projects: { type: 'string', default: '1000' },
    artifacts: { type: 'string', default: '100000' },
    blobs: { type: 'string', default: '1000000' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log('npm run seed -- [--projects 1000] [--artifacts 100000] [--blobs 1000000]');
  process.exit(0);
}
const [projects, artifacts, blobs] = [values.projects, values.artifacts, values.blobs].map(positive);
if (artifacts < projects || blobs < artifacts)
  fail('There must be at least one artifact a project, and one blob an artifact.');

const client = new pg.Client({ connectionString: databaseUrl() });
await client.connect();
try {
  await refuseUsedDatabase();
  await client.query('BEGIN');
  for (const [what, sql, parameters] of steps()) {
    const began = Date.now();
    const { rowCount } = await client.query(sql, parameters);
    // The next step is planned for what is there now.
    await client.query('ANALYZE');
    console.log(`${what}: ${rowCount} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  }
  await client.query('COMMIT');
  await client.query('ANALYZE');
} finally {
  await client.end();
}

/** Ten repositories a project; each artifact has its own config and shares layers with its neighbours. */
function steps() {
  const perProject = 10;
  const digest = (text) => `'sha256:' || encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`;
  return [
    [
      'projects',
      `INSERT INTO project (name, owner_id, is_public)
       SELECT 'seed-' || lpad(n::text, 6, '0'), 1, n % 10 = 0 FROM generate_series(1, $1::int) n`,
      [projects],
    ],
    [
      'repositories',
      `INSERT INTO repository (project_id, name, listed_at)
       SELECT p.id, p.name || '/app-' || n, now() FROM project p, generate_series(1, $1::int) n WHERE p.name LIKE 'seed-%'`,
      [perProject],
    ],
    [
      'blobs',
      `INSERT INTO blob (digest, size_bytes, object_key)
       SELECT ${digest(`'seed blob ' || n`)}, 1000 + n % 1000000, 'blobs/00/seed-' || n FROM generate_series(1, $1::int) n`,
      [blobs],
    ],
    [
      'artifacts',
      `INSERT INTO artifact (project_id, repository_id, digest, type, media_type, manifest_media_type,
                             manifest_size_bytes, size_bytes, extra_attributes, tag_count, pushed_at)
       SELECT r.project_id, r.id, ${digest(`'seed artifact ' || n`)}, 'IMAGE', 'application/vnd.oci.image.config.v1+json',
              'application/vnd.oci.image.manifest.v1+json', 500, 5000000, '{"os":"linux","architecture":"amd64"}',
              1, now() - n * interval '1 second'
       FROM generate_series(1, $1::int) n
       JOIN (SELECT id, project_id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS total
             FROM repository WHERE name LIKE 'seed-%') r ON r.place = n % r.total`,
      [artifacts],
    ],
    [
      'manifests',
      `INSERT INTO artifact_manifest (artifact_id, content)
       SELECT a.id, convert_to('{"schemaVersion":2,"seed":' || a.id || '}', 'UTF8') FROM artifact a JOIN repository r ON r.id = a.repository_id
       WHERE r.name LIKE 'seed-%'`,
      [],
    ],
    [
      'tags',
      `INSERT INTO tag (repository_id, artifact_id, name)
       SELECT a.repository_id, a.id, 'v' || a.id FROM artifact a JOIN repository r ON r.id = a.repository_id
       WHERE r.name LIKE 'seed-%'`,
      [],
    ],
    [
      'links',
      `INSERT INTO repository_blob (repository_id, blob_id)
       SELECT DISTINCT a.repository_id, b.id
       FROM (SELECT id, repository_id, row_number() OVER (ORDER BY id) - 1 AS place FROM artifact
             WHERE repository_id IN (SELECT id FROM repository WHERE name LIKE 'seed-%')) a
       JOIN LATERAL generate_series(a.place * $1::int, a.place * $1::int + $1::int - 1) k ON true
       JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM blob WHERE object_key LIKE 'blobs/00/seed-%') b
         ON b.place = k`,
      [Math.floor(blobs / artifacts)],
    ],
    [
      'references',
      `INSERT INTO artifact_reference (artifact_id, position, repository_id, role, digest, media_type, size_bytes, blob_id)
       SELECT a.id, (k - a.place * $1::int)::int, a.repository_id, CASE WHEN k = a.place * $1::int THEN 'config' ELSE 'layer' END,
              b.digest, 'application/octet-stream', b.size_bytes, b.id
       FROM (SELECT id, repository_id, row_number() OVER (ORDER BY id) - 1 AS place FROM artifact
             WHERE repository_id IN (SELECT id FROM repository WHERE name LIKE 'seed-%')) a
       JOIN LATERAL generate_series(a.place * $1::int, a.place * $1::int + $1::int - 1) k ON true
       JOIN (SELECT id, digest, size_bytes, row_number() OVER (ORDER BY id) - 1 AS place FROM blob
             WHERE object_key LIKE 'blobs/00/seed-%') b ON b.place = k`,
      [Math.floor(blobs / artifacts)],
    ],
  ];
}

async function refuseUsedDatabase() {
  const { rows } = await client.query('SELECT count(*)::int AS artifacts FROM artifact');
  if (rows[0].artifacts > 0)
    fail(
      'This installation holds artifacts. Seed a scratch one: BREAKWATER_DATA_DIR=.data-seed BREAKWATER_PORT=8090 npm start',
    );
}

function databaseUrl() {
  if (process.env.BREAKWATER_DATABASE_URL) return process.env.BREAKWATER_DATABASE_URL;
  const data = resolve(root, process.env.BREAKWATER_DATA_DIR ?? '.data');
  try {
    return readFileSync(join(data, 'database-url'), 'utf8');
  } catch {
    return fail(`No running installation in ${data}. Start it first: npm start`);
  }
}

function positive(text) {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : fail(`not a positive whole number: ${text}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
