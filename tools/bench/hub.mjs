// node tools/bench/hub.mjs [--artifacts 100000] [--findings 100] [--distinct 50000] [--keep]: fills a scratch database
// with the reports of a large registry and prints how long the security hub takes. Needs a built libs/scanning and
// BREAKWATER_DATABASE_URL of a server where it may make a database.
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const built = (lib) => import(pathToFileURL(join(root, `libs/${lib}/dist/index.js`)).href);
const { catalogSchema } = await built('catalog');
const { CreateOutbox1764000000000, Database, Outbox } = await built('database');
const { createScanning, ExportWriter, scanningSchema } = await built('scanning');

const { values } = parseArgs({
  options: {
    artifacts: { type: 'string', default: '100000' },
    findings: { type: 'string', default: '100' },
    distinct: { type: 'string', default: '50000' },
    keep: { type: 'boolean', default: false },
  },
});
const [artifacts, findings, distinct] = [values.artifacts, values.findings, values.distinct].map(Number);
const serverUrl = process.env.BREAKWATER_DATABASE_URL;
if (!serverUrl) {
  console.error('BREAKWATER_DATABASE_URL is not set.');
  process.exit(1);
}

const schema = {
  entities: [],
  migrations: [CreateOutbox1764000000000, ...catalogSchema.migrations, ...scanningSchema.migrations],
};
const connect = (url, name) =>
  Database.connect({ url, poolSize: 4, applicationName: name, statementTimeoutMs: 3_600_000 }, schema);
const name = `hub_${randomBytes(4).toString('hex')}`;
const server = await connect(serverUrl, 'hub bench');
await server.rows(`CREATE DATABASE ${name}`);
const url = new URL(serverUrl);
url.pathname = `/${name}`;
const database = await connect(url.href, 'hub bench');
try {
  await database.migrate();
  await seed();
  await measure();
} finally {
  await database.close();
  if (values.keep) console.log(`kept: ${name}`);
  else await server.rows(`DROP DATABASE ${name} WITH (FORCE)`);
  await server.close();
}

/** Half of all images in one repository; findings by a skewed draw, so that some are in almost every image. */
async function seed() {
  await timed('seed', async () => {
    await database.unitOfWork.run(async (tx) => {
      for (const sql of rows()) await tx.execute(sql);
    });
    for (let from = 1; from <= artifacts; from += 5_000)
      await database.rows(
        `INSERT INTO report_vulnerability
         SELECT r.id, 1 + floor(${distinct} * power(random(), 3))::bigint
         FROM scan_report r, generate_series(1, ${findings}) WHERE r.id >= $1 AND r.id < $1 + 5000 ON CONFLICT DO NOTHING`,
        [from],
      );
    await database.rows(
      `UPDATE scan_report SET row_count = found.count, total_count = found.count
       FROM (SELECT report_id, count(*) FROM report_vulnerability GROUP BY report_id) found WHERE report_id = id`,
    );
  });
  await timed('vacuum', () => database.rows('VACUUM (ANALYZE)'));
  const [size] = await database.rows(
    `SELECT (SELECT count(*) FROM report_vulnerability) AS rows, pg_size_pretty(pg_database_size(current_database())) AS size`,
  );
  console.log(`${artifacts} images, ${size.rows} findings of ${distinct} distinct ones, ${size.size}`);
}

function rows() {
  return [
    `INSERT INTO scanner_registration (name, url, is_default) VALUES ('lens', 'http://lens.test', true)`,
    `INSERT INTO project (name, owner_id) SELECT 'p' || n, 1 FROM generate_series(1, 1000) n`,
    `INSERT INTO repository (project_id, name, listed_at)
     SELECT p.id, p.name || '/r' || n, now() FROM project p, generate_series(1, 6) n ORDER BY p.id, n`,
    `INSERT INTO artifact (project_id, repository_id, digest, type, media_type, manifest_media_type, manifest_size_bytes,
                           size_bytes, tag_count)
     SELECT r.project_id, r.id, 'sha256:' || lpad(to_hex(n), 64, '0'), 'IMAGE', '', 'manifest', 100, 1000, 1
     FROM generate_series(1, ${artifacts}) n JOIN repository r ON r.id = CASE WHEN n % 5 = 0 THEN 1 ELSE 7 + n % 5900 END`,
    `INSERT INTO tag (repository_id, artifact_id, name) SELECT repository_id, id, 't' || id FROM artifact`,
    `INSERT INTO vulnerability (fingerprint, registration_id, cve_id, package, version, fix_version, severity,
                                severity_rank, status, cvss_v3_score, detail)
     SELECT gen_random_uuid(), 1, 'CVE-2026-' || n / 3, 'package' || n % 5000, '1.' || n % 7, '',
            (ARRAY['Critical', 'High', 'Medium', 'Low', 'Negligible'])[1 + n % 5], 0, 'fixed',
            (n * 7919 % 100)::float8 / 10, json_build_object('description', repeat('text ', 60), 'links', '[]'::json)
     FROM generate_series(1, ${distinct}) n`,
    `INSERT INTO scan_report (artifact_id, project_id, repository_id, digest, kind, registration_id, scanner, media_type,
                              requested_by, status, is_good, critical_count, high_count)
     SELECT id, project_id, repository_id, digest, 'vulnerability', 1, '{"name": "Lens"}', '', 'seed', 'Success', true,
            id % 30, 10
     FROM artifact ORDER BY id`,
  ];
}

async function measure() {
  const { summaries, search } = createScanning({
    database,
    outbox: new Outbox(),
    sealer: { seal: (text) => text, open: (text) => text },
    client: { checkAddress: () => undefined, metadata: () => Promise.reject(new Error('no adapter')) },
    notifier: { scanPolicyChanged: () => undefined },
  });
  await timed('summary', () => summaries.summary(), 3);
  await timed('dangerous artifacts', () => summaries.dangerousArtifacts(), 3);
  await timed('dangerous CVEs', () => summaries.dangerousCves(), 3);
  const page = { limit: 15, offset: 0, withTags: true };
  const filters = {
    everything: {},
    'a common CVE': { cveId: 'CVE-2026-1' },
    'a rare CVE': { cveId: 'CVE-2026-16000' },
    'a severity': { severity: 'Critical' },
    'a range of scores': { minScore: 7, maxScore: 8 },
    'a package': { package: 'package77' },
    'a small project': { projectId: 50 },
    'the large repository': { repository: 'p1/r1' },
    'a severity in it': { repository: 'p1/r1', severity: 'High' },
    'a digest': { digest: `sha256:${(77).toString(16).padStart(64, '0')}` },
    'a tag': { tag: 't77' },
  };
  for (const [what, filter] of Object.entries(filters)) {
    await timed(`search ${what}`, () => search.find({ ...page, filter, tunesCount: true }), 3);
    await timed('       counted whole', () => search.find({ ...page, filter, tunesCount: false }), 1);
  }
  await timed('search everything, page 6,000', () =>
    search.find({ ...page, offset: 90_000, filter: {}, tunesCount: true }),
  );
  const [row] = await database.rows(
    `INSERT INTO scan_data_export (account_id, account_name, project_id, expires_at)
     VALUES (1, 'bench', 1, now() + interval '1 hour') RETURNING id`,
  );
  const filter = { repositories: '', tags: '', cveIds: '' };
  const task = { exportId: Number(row.id), projectId: 1, filter };
  const written = await timed('export of the large project', () => new ExportWriter(database).write(task, () => {}));
  const heap = (process.memoryUsage().rss / 2 ** 20).toFixed(0);
  console.log(
    `  ${written.rowCount} rows, ${(written.sizeBytes / 2 ** 20).toFixed(0)} MiB; this process has ${heap} MiB`,
  );
}

/** Prints the quickest of some tries. */
async function timed(what, work, tries = 1) {
  let best = Infinity;
  let result;
  for (let n = 0; n < tries; n++) {
    const began = performance.now();
    result = await work();
    best = Math.min(best, performance.now() - began);
  }
  console.log(`${what.padEnd(44)} ${best < 10_000 ? `${best.toFixed(0)} ms` : `${(best / 1000).toFixed(1)} s`}`);
  return result;
}
