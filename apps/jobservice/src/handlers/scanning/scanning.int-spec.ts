import type { Vulnerability } from '@breakwater/scanner-spec';
import { CYCLONEDX, SPDX } from '@breakwater/scanner-spec';
import { Outbox } from '@breakwater/database';
import { ScanDataExports } from '@breakwater/scanning';
import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createScanLab, type PushedImage, type ScanLab } from '../../testing/scan-lab.js';

let lab: ScanLab;
beforeAll(async () => {
  lab = await createScanLab();
});
afterAll(() => lab.close());
beforeEach(() => lab.setFaults({}));

const FINDINGS: Partial<Vulnerability>[] = [
  { id: 'CVE-1', package: 'openssl', version: '1.0', fix_version: '1.1', severity: 'High' },
  { id: 'CVE-2', package: 'zlib', version: '2.0', severity: 'Low' },
];
let made = 0;
const anImage = (findings = FINDINGS): Promise<PushedImage> => lab.pushImage(`app${++made}`, findings);

async function scanned(image: PushedImage, kind: 'vulnerability' | 'sbom' = 'vulnerability') {
  await lab.scan(image, kind);
  await lab.idle();
  return lab.report(image, kind);
}
const logOf = async ({ task_id: id }: { task_id: string }) => (await lab.jobs.reader.findLog(Number(id))) ?? '';
const credentials = () => lab.world.database.rows('SELECT FROM pull_credential');

describe('a scan', () => {
  it('comes from the adapter, which pulls with a credential of its own that ends with it', async () => {
    const report = await scanned(await anImage());
    expect(report).toMatchObject({ status: 'Success', total_count: 2, severity: 'High' });
    expect(await credentials()).toEqual([]);
    const log = await logOf(report);
    expect(log).toContain('Test scanner');
    expect(log).toContain('2 findings, 1 of them with a fix; the worst is High');
    expect(log).not.toMatch(/Basic [\w+/=]{8}/);
  });

  it('tells its whole story, line by line, and no secret', async () => {
    await lab.setFaults({ submit: { kind: 'unavailable', times: 1 }, report: { kind: 'not-ready-inside', times: 1 } });
    const image = await anImage();
    const lines = (await logOf(await scanned(image))).trimEnd().split('\n');
    const story = [
      /scanner test at http:\/\/127\.0\.0\.1:\d+ is Test scanner 1\.2 by Breakwater$/,
      new RegExp(
        `credential scanner\\$[0-9a-f-]{36} is made: it pulls ${image.name} by Basic, to \\S+Z at the latest$`,
      ),
      /handing in the scan failed, 1 of 3; once more in 1\.\d s: the scanner cannot take the scan now \(503\): too much/,
      new RegExp(`asked to scan ${image.name}@${image.digest} from http://127\\.0\\.0\\.1:\\d+: scan \\S+$`),
      /waits for application\/vnd\.security\.vulnerability\.report; version=1\.1 of scan \S+$/,
      /not ready \(302\) after one question in \S+ s; asked again in 1\.\d s, the scanner says 1 s; it names 169\.254\.169\.254, which is not asked$/,
      /received \d+ bytes after \d+ questions in \S+ s$/,
      /the credential of the scan is revoked$/,
      /2 findings, 1 of them with a fix; the worst is High$/,
    ];
    expect(lines).toEqual(story.map((line) => expect.stringMatching(line)));
  });

  it('pulls from the internal address for a registration that says so', async () => {
    const internally = (is: boolean) =>
      lab.world.database.rows('UPDATE scanner_registration SET uses_internal_addr = $1 RETURNING id', [is]);
    await internally(true);
    const report = await scanned(await anImage());
    await internally(false);
    expect(report).toMatchObject({ status: 'Success', total_count: 2 });
    expect(await logOf(report)).toMatch(/asked to scan \S+ from http:\/\/127\.0\.0\.1:\d+\/internal: scan /);
  });

  it('waits, and has not failed, while its scanner is away', async () => {
    await lab.setFaults({ metadata: { kind: 'unavailable' } });
    const image = await anImage();
    await lab.scan(image);
    const { task_id: id } = await lab.report(image);
    const task = () => lab.jobs.reader.getTask(Number(id));
    // Only when this test says so is it tried again, however long the test takes to say it.
    const putOff = (runCount: number) =>
      eventually(async () => {
        const rows = await lab.world.database.rows(
          `UPDATE task SET due_at = now() + interval '1 day'
            WHERE id = $1 AND status = 'Scheduled' AND run_count = $2 RETURNING id`,
          [id, runCount],
        );
        expect(rows).toHaveLength(1);
      });
    await putOff(1);
    const reason =
      'scanner test is away: the scanner cannot take the question what it can do now (503): too much to do';
    expect(await task()).toMatchObject({ statusMessage: reason });
    expect(await logOf({ task_id: id })).toMatch(/put off, and tried again in \d+ s: scanner test is away/);
    expect(await lab.report(image)).toMatchObject({ status: 'Pending' });
    // It comes back, fails, and is away again: what had begun waits as well.
    const due = () => lab.world.database.rows('UPDATE task SET due_at = now() WHERE id = $1 RETURNING id', [id]);
    await lab.setFaults({ scan: { kind: 'fail' } });
    await due();
    await putOff(2);
    expect(await lab.report(image)).toMatchObject({ status: 'Running' });
    await lab.setFaults({ metadata: { kind: 'unavailable' } });
    await due();
    await putOff(3);
    expect(await lab.report(image)).toMatchObject({ status: 'Scheduled' });
    await lab.setFaults({});
    await due();
    await lab.idle();
    expect(await lab.report(image)).toMatchObject({ status: 'Success', total_count: 2 });
    expect(await task()).toMatchObject({ runCount: 4 });
  });

  it('fails with the reason where the key is lost that sealed the credential of its scanner', async () => {
    const seal = (auth: string, sealed: string | null) =>
      lab.world.database.rows('UPDATE scanner_registration SET auth = $1, sealed_credential = $2 RETURNING id', [
        auth,
        sealed,
      ]);
    await seal('Bearer', 'sealed-by-another-key');
    const report = await scanned(await anImage());
    await seal('', null);
    expect(report).toMatchObject({ status: 'Error', status_message: expect.stringContaining('BREAKWATER_SECRET_KEY') });
  });

  it('is asked for once more when the adapter has lost it', async () => {
    await lab.setFaults({ report: { kind: 'lost', times: 1 } });
    const report = await scanned(await anImage());
    expect(report).toMatchObject({ status: 'Success', total_count: 2 });
    expect(await logOf(report)).toContain('is asked again');
  });

  it.each([
    ['broken JSON', { report: { kind: 'broken-json' } }, 'ends too early'],
    ['a page of a login', { report: { kind: 'html' } }, 'text/html'],
    ['more than is taken', { report: { kind: 'huge' } }, 'large'],
    ['what unpacks to more than is taken', { report: { kind: 'gzip-bomb' } }, 'large'],
    ['a way inside', { submit: { kind: 'redirect-inside' } }, ''],
    ['a refusal', { submit: { kind: 'unauthorized' } }, 'credential'],
  ])('of an adapter that sends %s fails with the reason', async (_, faults, reason) => {
    await lab.setFaults(faults);
    const report = await scanned(await anImage());
    expect(report).toMatchObject({ status: 'Error', total_count: 0 });
    expect(report.status_message).toContain(reason);
    expect(await credentials()).toEqual([]);
  });

  it('ends at its deadline, however often the adapter says that it is not ready', async () => {
    const hurried = await createScanLab({ BREAKWATER_SCAN_TIMEOUT_SECONDS: '10' });
    await hurried.setFaults({ report: { kind: 'not-ready' } });
    const image = await hurried.pushImage('app', FINDINGS);
    await hurried.scan(image);
    await hurried.idle();
    const report = await hurried.report(image);
    expect(report).toMatchObject({ status: 'Error' });
    expect(report.status_message).toMatch(/after 10 s|within 10 s/);
    expect(await hurried.world.database.rows('SELECT FROM pull_credential')).toEqual([]);
    await hurried.close();
  });

  it('is stopped at once while the adapter lets it wait', async () => {
    await lab.setFaults({ report: { kind: 'not-ready' } });
    const image = await anImage();
    await lab.scan(image);
    await eventually(async () => expect((await lab.report(image)).status).toBe('Running'));
    const { name, reference } = image;
    await lab.scans.scans.stop('carla', { projectId: lab.projectId, name }, 'vulnerability', reference);
    await lab.idle();
    expect(await lab.report(image)).toMatchObject({ status: 'Stopped' });
    expect(await credentials()).toEqual([]);
  });
});

describe('an SBOM', () => {
  const accessories = async (image: PushedImage) => {
    const rows = await lab.world.database.rows<{ digest: string; type: string; accessory_type: string }>(
      `SELECT digest, type, accessory_type FROM artifact WHERE subject_digest = $1 ORDER BY digest`,
      [image.digest],
    );
    return rows;
  };

  it('is attached in each format, and a new one takes the place of the old', async () => {
    const image = await anImage();
    const report = await scanned(image, 'sbom');
    expect(report.status_message).toBe('');
    expect(report.status).toBe('Success');
    expect(Object.keys(report.sbom_digests ?? {}).sort()).toEqual([SPDX, CYCLONEDX].sort());
    const digests = Object.values(report.sbom_digests ?? {}).sort();
    const attached = { type: 'SBOM', accessory_type: 'sbom.harbor' };
    expect(await accessories(image)).toEqual(digests.map((digest) => ({ ...attached, digest })));

    await scanned(image, 'sbom');
    const again = await lab.report(image, 'sbom');
    // After the new ones are there.
    await eventually(async () => {
      const found = (await accessories(image)).map(({ digest }) => digest);
      expect(found).toEqual(Object.values(again.sbom_digests ?? {}).sort());
    });
  });
});

describe('an export', () => {
  it('is written by the job, fetched once, and swept when nobody fetches it', async () => {
    const { database } = lab.world;
    const exports = new ScanDataExports({
      database,
      outbox: new Outbox(),
      jobs: lab.jobs.service,
      executions: lab.jobs.reader,
    });
    const image = await anImage([{ id: 'CVE-1', package: '=openssl', version: '1.0', severity: 'High' }]);
    await scanned(image);
    const owner = { accountId: 1, name: 'carla' };
    const filter = { repositories: image.name, tags: '', cveIds: '' };
    const asked = { jobName: 'mine', projectId: lab.projectId, filter };
    const executionId = await exports.create(owner, asked);
    await lab.idle();
    const found = await exports.get(owner.accountId, executionId);
    expect(found.message).toMatch(/^1 findings, \d+ bytes$/);
    const file = await text(Readable.from(exports.download(found)));
    expect(file.split('\n')[1]).toBe(`${image.name},${image.digest},CVE-1,'=openssl,1.0,,High,,,Test scanner`);
    await expect(exports.get(owner.accountId, executionId)).rejects.toMatchObject({ code: 'EXPORT_NOT_FOUND' });

    await exports.create(owner, asked);
    await lab.idle();
    await database.rows('UPDATE scan_data_export SET expires_at = now()');
    const sweep = { type: 'SYSTEM_ARTIFACT_CLEANUP', parameters: {} } as const;
    await database.unitOfWork.run((tx) =>
      lab.jobs.service.submit(tx, { vendorType: sweep.type, vendorId: -1, trigger: 'MANUAL', tasks: [sweep] }),
    );
    await eventually(async () => expect(await database.rows('SELECT FROM scan_data_export')).toEqual([]));
    expect(await database.rows('SELECT FROM scan_data_export_chunk')).toEqual([]);
    expect(await database.rows(`SELECT FROM execution WHERE vendor_type = 'SCAN_DATA_EXPORT'`)).toEqual([]);
  });
});

describe('a scan of everything', () => {
  it('scans every image once, and counts what is done', async () => {
    for (let n = 0; n < 5; n++) await anImage();
    await lab.scans.scanAll.start('carla');
    await expect(lab.scans.scanAll.start('carla')).rejects.toMatchObject({ kind: 'conflict' });
    await lab.idle();
    const metrics = await lab.scans.scanAll.metrics();
    const [{ count } = { count: 0 }] = await lab.world.database.rows<{ count: number }>(
      `SELECT count(*)::integer FROM artifact WHERE accessory_type IS NULL`,
    );
    expect(metrics).toMatchObject({ total: count, completed: count, byStatus: { Success: count }, trigger: 'Manual' });
    await eventually(async () => expect((await lab.scans.scanAll.metrics())?.isOngoing).toBe(false));
  });

  it('goes on where a worker was lost, and says how many scans there were in all', async () => {
    const before = await anImage();
    await anImage();
    const [row] = await lab.world.database.rows<{ id: string }>('SELECT id FROM artifact WHERE digest = $1', [
      before.digest,
    ]);
    const task = { type: 'SCAN_ALL', parameters: {}, extraAttributes: { after: Number(row?.id), added: 7 } } as const;
    const { taskIds } = await lab.world.database.unitOfWork.run((tx) =>
      lab.jobs.service.submit(tx, { vendorType: 'SCAN_ALL', vendorId: 0, trigger: 'MANUAL', tasks: [task] }),
    );
    await lab.idle();
    const walked = await lab.jobs.reader.getTask(taskIds[0] ?? 0);
    expect(walked).toMatchObject({ status: 'Success', statusMessage: '8 scans were added' });
    expect(walked.extraAttributes).toMatchObject({ added: 8 });
  });
});

describe('a deleted artifact', () => {
  it('leaves no execution, task or log of its scans behind, and takes nobody else’s along', async () => {
    const { database } = lab.world;
    const [kept, gone] = [await anImage(), await anImage()];
    for (const image of [kept, gone]) await scanned(image);
    await lab.scan(gone, 'sbom');
    await lab.idle();
    const idOf = async ({ digest }: PushedImage): Promise<number> =>
      Number((await database.rows<{ id: string }>('SELECT id FROM artifact WHERE digest = $1', [digest]))[0]?.id);
    const [keptId, goneId] = [await idOf(kept), await idOf(gone)];
    const left = async (id: number): Promise<string[]> => {
      const rows = await database.rows<{ vendor_type: string }>(
        `SELECT vendor_type FROM execution JOIN task ON task.execution_id = execution.id
         WHERE vendor_id = $1 AND vendor_type IN ('IMAGE_SCAN', 'SBOM') ORDER BY vendor_type`,
        [id],
      );
      return rows.map((row) => row.vendor_type);
    };
    expect([await left(keptId), await left(goneId)]).toEqual([['IMAGE_SCAN'], ['IMAGE_SCAN', 'SBOM']]);
    const { task_id: taskId } = await lab.report(gone);
    const project = await lab.catalog.projects.find('team');
    if (project === null) throw new Error('there is no project');
    await lab.catalog.manifests.delete(project, gone.name, { key: 'user:7', name: 'carla' }, gone.reference);
    const sweep = { type: 'EXECUTION_SWEEP', parameters: {} } as const;
    await database.unitOfWork.run((tx) =>
      lab.jobs.service.submit(tx, { vendorType: sweep.type, vendorId: -1, trigger: 'MANUAL', tasks: [sweep] }),
    );
    await eventually(async () => expect(await left(goneId)).toEqual([]));
    expect(await logOf({ task_id: taskId })).toBe('');
    expect(await left(keptId)).toEqual(['IMAGE_SCAN']);
  });
});
