import { Role } from '@breakwater/rbac';
import { MediaType } from '@breakwater/oci';
import { ScannerMediaType, type ScannerMetadata, type Vulnerability } from '@breakwater/scanner-spec';
import { parseScanTask } from '@breakwater/scanning';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pusher, type Pushed } from '../../testing/pusher.js';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

const { GENERIC_REPORT, NATIVE_REPORT } = ScannerMediaType;
const METADATA: ScannerMetadata = {
  scanner: { name: 'Lens', vendor: 'Acme', version: '1.0' },
  capabilities: [
    {
      type: 'vulnerability',
      consumes_mime_types: [MediaType.OciManifest, MediaType.DockerManifest],
      produces_mime_types: [GENERIC_REPORT],
    },
  ],
  properties: {},
};

let core: TestCore;
/** It says what it can do; what it finds is played by the test. */
let adapter: Server;
let pusher: Pusher;
beforeAll(async () => {
  adapter = createServer((_, response) => {
    response.writeHead(200, { 'content-type': ScannerMediaType.METADATA }).end(JSON.stringify(METADATA));
  });
  await new Promise<void>((resolve) => adapter.listen(0, '127.0.0.1', resolve));
  // Who has signed in is known for the whole file: no query is counted for one request and not for the next.
  core = await createTestCore({}, { credentialsMs: 3_600_000 });
  pusher = new Pusher(core.services);
  await core.addUser('bob');
  await core.addUser('gina');
  await core.addProject('team', { members: { bob: Role.maintainer, gina: Role.guest } });
  await core.services.database.rows(
    `INSERT INTO scanner_registration (name, url, is_default) VALUES ('lens', $1, true) RETURNING id`,
    [`http://127.0.0.1:${(adapter.address() as AddressInfo).port}`],
  );
});
afterAll(async () => {
  await core.close();
  adapter.closeAllConnections();
  adapter.close();
});

const of = (image: Pushed, repository = 'app') => `/projects/team/repositories/${repository}/artifacts/${image.digest}`;

/** What jobservice does with every scan that waits. */
async function finishAll(items: readonly Vulnerability[]): Promise<void> {
  const { database, scans } = core.services;
  const waiting = await database.rows<{ id: string; parameters: Record<string, unknown> }>(
    `UPDATE task SET status = 'Success' WHERE status = 'Pending' AND type = 'IMAGE_SCAN' RETURNING id, parameters`,
  );
  for (const { id, parameters } of waiting) {
    const task = parseScanTask(parameters);
    const begun = await scans.ends.begin(Number(id), task.reportId);
    if (begun === null) throw new Error('the scan is over');
    await scans.findings.add(task.reportId, begun.report.registrationId, items);
    const totals = await scans.findings.totals(task.reportId);
    const rest = { generatedAt: null, changes: null, sbomDigests: null, scanner: METADATA.scanner };
    await database.unitOfWork.run(
      async (tx) =>
        void (await scans.ends.complete(tx, begun, task, { mediaType: GENERIC_REPORT, ...rest, ...totals })),
    );
  }
}

const FINDING = { id: 'CVE-1', package: 'openssl', version: '1', severity: 'High', links: ['https://example.com/1'] };

describe('a scan over the API', () => {
  it('goes from 202 to a report, an overview and a log', async () => {
    const image = await pusher.image('team/app', { tags: ['v1'] });
    expect((await core.as('bob').post(`${of(image)}/scan`)).status).toBe(202);
    expect((await core.as('bob').post(`${of(image)}/scan`, { scan_type: 'vulnerability' })).status).toBe(409);
    expect((await core.as('gina').post(`${of(image)}/scan`)).status).toBe(403);
    const empty = await core.as('gina').get(`${of(image)}/additions/vulnerabilities`);
    expect([empty.status, empty.headers['content-type'], empty.body]).toEqual([
      200,
      'application/json; charset=utf-8',
      {},
    ]);
    await finishAll([FINDING]);

    const report = await core.as('gina').get<Record<string, object>>(`${of(image)}/additions/vulnerabilities`);
    expect(report.body[GENERIC_REPORT]).toMatchObject({
      scanner: METADATA.scanner,
      severity: 'High',
      vulnerabilities: [{ ...FINDING, fix_version: '', artifact_digests: [image.digest] }],
    });
    const { body } = await core.as('gina').get<Overviewed>(`${of(image)}?with_scan_overview=true`);
    const summary = body.scan_overview?.[GENERIC_REPORT];
    expect(summary).toMatchObject({ scan_status: 'Success', severity: 'High', complete_percent: 100 });
    const log = await core.as('gina').get(`${of(image)}/scan/${summary?.report_id}/log`);
    expect([log.status, log.headers['content-type'], log.text]).toEqual([200, 'text/plain; charset=utf-8', '']);
    expect((await core.as('gina').get(`${of(image)}/scan/nothing/log`)).status).toBe(404);
  });

  it('shows a report under the type that the caller accepts', async () => {
    const image = await pusher.image('team/accepting');
    const path = of(image, 'accepting');
    await core.as('bob').post(`${path}/scan`);
    await finishAll([FINDING]);
    const accepting = async (header: string): Promise<string[]> => {
      const headers = { 'x-accept-vulnerabilities': header };
      const { body } = await core.as('bob').get<Overviewed>(`${path}?with_scan_overview=true`, headers);
      const report = await core.as('bob').get<object>(`${path}/additions/vulnerabilities`, headers);
      expect(Object.keys(report.body)).toEqual(Object.keys(body.scan_overview ?? {}));
      return Object.keys(report.body);
    };
    expect(await accepting(`${NATIVE_REPORT}, ${GENERIC_REPORT}`)).toEqual([GENERIC_REPORT]);
    expect(await accepting(NATIVE_REPORT)).toEqual([NATIVE_REPORT]);
    expect(await accepting('application/vnd.other')).toEqual([]);
  });

  it('is refused with Harbor’s statuses', async () => {
    const chart = await pusher.image('team/chart', { configType: MediaType.HelmConfig });
    expect((await core.as('bob').post(`${of(chart, 'chart')}/scan`)).status).toBe(400);
    expect((await core.as('bob').get(`${of(chart, 'chart')}/additions/vulnerabilities`)).status).toBe(404);
    const image = await pusher.image('team/refused');
    const path = of(image, 'refused');
    // This scanner makes no SBOMs.
    expect((await core.as('bob').post(`${path}/scan`, { scan_type: 'sbom' })).status).toBe(400);
    expect((await core.as('bob').post(`${path}/scan/stop`, {})).status).toBe(400);
    const none = { ...image, digest: `sha256:${'0'.repeat(64)}` as never };
    expect((await core.as('bob').post(`${of(none, 'refused')}/scan`)).status).toBe(404);
    await core.services.database.rows('UPDATE scanner_registration SET is_default = false RETURNING id');
    const answer = await core.as('bob').post(`${path}/scan`);
    await core.services.database.rows('UPDATE scanner_registration SET is_default = true RETURNING id');
    expect(answer).toMatchObject({ status: 412, body: { errors: [{ code: 'PRECONDITION' }] } });
  });
});

describe('a list of a hundred artifacts', () => {
  it('with their overviews asks the database no more often than without', async () => {
    for (let n = 0; n < 100; n++) await pusher.image('team/many', { tags: [`v${n}`] });
    const { body: all } = await core
      .as('bob')
      .get<Pushed[]>('/projects/team/repositories/many/artifacts?page_size=100');
    for (const image of all.slice(0, 10)) await core.as('bob').post(`${of(image, 'many')}/scan`);
    await finishAll([FINDING]);
    const list = async (query: string) => {
      let queries = 0;
      const counting = countQueries(core, () => queries++);
      const { body } = await core
        .as('bob')
        .get<Overviewed[]>(`/projects/team/repositories/many/artifacts?page_size=100${query}`);
      counting.stop();
      return { body, queries };
    };
    await list('');
    // What is noted of sign-ins and of failures is written some seconds later, which may be in the middle of a count.
    await core.services.auditLog.close();
    const without = await list('');
    const both = await list('&with_scan_overview=true&with_sbom_overview=true');
    expect(both.body.filter((artifact) => artifact.scan_overview !== undefined)).toHaveLength(10);
    expect(without.body.filter((artifact) => artifact.scan_overview !== undefined)).toEqual([]);
    expect(both.queries).toBe(without.queries);
  });
});

interface Overviewed {
  readonly scan_overview?: Record<string, { report_id: string; scan_status: string }>;
}

function countQueries({ services }: TestCore, count: () => void): { stop(): void } {
  const { pool } = services.database as unknown as { pool: { on: PoolEvents; off: PoolEvents } };
  pool.on('acquire', count);
  return { stop: () => void pool.off('acquire', count) };
}
type PoolEvents = (event: 'acquire', listener: () => void) => void;
