import { RepositoryName, Tag } from '@breakwater/oci';
import { ScannerMediaType } from '@breakwater/scanner-spec';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aFinding, createScanWorld, credentialHolderOf, type ScanWorld } from '../testing/scan-world.js';
import type { RepositoryAddress } from './ports.js';

let world: ScanWorld;
let lens: number;
let project: { readonly id: number; readonly name: string };
let at: RepositoryAddress;
beforeAll(async () => {
  world = await createScanWorld();
  lens = await world.addScanner('lens');
});
afterAll(() => world.close());
beforeEach(async () => {
  project = await world.addProject();
  at = { projectId: project.id, name: RepositoryName.parse(`${project.name}/app`) };
});

const BY_HAND = { by: 'carla', trigger: 'MANUAL' } as const;
const scan = (
  reference: Parameters<ScanWorld['scans']['scans']['scan']>[2]['reference'],
  kind = 'vulnerability' as const,
) => world.scans.scans.scan(at, kind, { ...BY_HAND, reference });
const [HIGH, LOW] = [aFinding('CVE-1', 'High', { fix_version: '1.1' }), aFinding('CVE-2', 'Low')];

async function theWaiting() {
  const [waiting, ...more] = await world.waiting();
  if (waiting === undefined || more.length > 0) throw new Error('one scan should wait');
  return waiting;
}
async function readReport(
  reference: Parameters<typeof scan>[0],
  accepted: readonly string[] = [ScannerMediaType.GENERIC_REPORT],
) {
  let text = '';
  for await (const piece of await world.scans.vulnerabilities.read(at, reference, accepted)) text += piece;
  return JSON.parse(text) as Record<string, { severity: string; vulnerabilities: Record<string, unknown>[] }>;
}

describe('a scan by hand', () => {
  it('goes from waiting to its report, shown and told at once', async () => {
    const image = await world.addImage(at);
    await scan(image.reference);
    expect(await world.overview(image)).toMatchObject({ scan_status: 'Pending', severity: '', summary: null });

    const waiting = await theWaiting();
    await world.finish(waiting, [LOW, HIGH]);
    const shown = await world.overview(image);
    expect(shown).toMatchObject({
      scan_status: 'Success',
      severity: 'High',
      complete_percent: 100,
      summary: { total: 2, fixable: 1, summary: { High: 1, Low: 1 } },
      scanner: { name: `scanner ${lens}`, vendor: 'Acme', version: '1.0' },
    });
    expect((await world.told()).at(-1)).toMatchObject({
      projectId: project.id,
      repository: at.name,
      digest: image.digest,
      tag: null,
      scanType: 'vulnerability',
      status: 'Success',
      overview: { [ScannerMediaType.GENERIC_REPORT]: { report_id: shown?.report_id } },
      by: 'carla',
    });
    expect(world.revoked).toContain(credentialHolderOf(waiting.taskId));
    const report = await readReport(image.reference);
    expect(report[ScannerMediaType.GENERIC_REPORT]).toMatchObject({
      severity: 'High',
      vulnerabilities: [
        { id: 'CVE-1', package: 'openssl', fix_version: '1.1', artifact_digests: [image.digest] },
        { id: 'CVE-2', fix_version: '' },
      ],
    });
  });

  it('is refused while one runs, without a scanner, and for what no scanner looks at', async () => {
    const image = await world.addImage(at);
    await scan(image.reference);
    await expect(scan(image.reference)).rejects.toMatchObject({ code: 'SCAN_RUNNING', kind: 'conflict' });
    await world.fail(await theWaiting(), 'Error');

    const chart = await world.addImage(at, { type: 'CHART' });
    await expect(scan(chart.reference)).rejects.toMatchObject({ code: 'SCAN_NOT_SUPPORTED', kind: 'invalid' });
    await expect(scan({ kind: 'tag', tag: Tag.parse('none') })).rejects.toMatchObject({ kind: 'not-found' });
    await world.database.rows('UPDATE scanner_registration SET is_default = false, is_disabled = true RETURNING id');
    try {
      await expect(scan(image.reference)).rejects.toMatchObject({ code: 'NO_SCANNER', kind: 'precondition' });
      await world.chooseScanners(project.id, [lens]);
      await expect(scan(image.reference)).rejects.toMatchObject({ code: 'SCANNER_DISABLED', kind: 'precondition' });
    } finally {
      await world.database.rows('UPDATE scanner_registration SET is_disabled = false RETURNING id');
      await world.database.rows('UPDATE scanner_registration SET is_default = true WHERE id = $1 RETURNING id', [lens]);
    }
  });

  it('lets one of many win that ask at the same moment', async () => {
    const image = await world.addImage(at);
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => scan(image.reference)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await world.fail(await theWaiting(), 'Stopped');
  });

  it('keeps the last good report while a new scan runs, and when it fails', async () => {
    const image = await world.addImage(at);
    await scan(image.reference);
    await world.finish(await theWaiting(), [HIGH]);
    await scan(image.reference);
    const again = await theWaiting();
    await world.scans.ends.begin(again.taskId, again.reportId);
    expect(await world.overview(image)).toMatchObject({
      scan_status: 'Running',
      severity: 'High',
      summary: { total: 1 },
    });
    await world.fail(again, 'Error');
    expect(await world.overview(image)).toMatchObject({
      scan_status: 'Error',
      severity: 'High',
      summary: { total: 1 },
    });
    expect((await world.told()).at(-1)).toMatchObject({ status: 'Error', digest: image.digest });
    expect(Object.keys(await readReport(image.reference))).toEqual([ScannerMediaType.GENERIC_REPORT]);
  });

  it('tells what changed since the report before', async () => {
    const image = await world.addImage(at);
    await scan(image.reference);
    await world.finish(await theWaiting(), [HIGH, LOW]);
    await scan(image.reference);
    const reworded = { ...LOW, description: 'in other words' };
    await world.finish(await theWaiting(), [reworded, aFinding('CVE-3', 'Critical')]);
    expect(await world.overview(image)).toMatchObject({ severity: 'Critical', changes: { added: 1, fixed: 1 } });
    expect(await world.scans.vulnerabilities.changes(at, image.reference)).toEqual({
      added: [{ id: 'CVE-3', package: 'openssl', version: '1.0', fix_version: '', severity: 'Critical' }],
      fixed: [{ id: 'CVE-1', package: 'openssl', version: '1.0', fix_version: '1.1', severity: 'High' }],
    });
  });

  it('is stopped before it begins, and says so', async () => {
    const image = await world.addImage(at);
    const reference = image.reference;
    await expect(world.scans.scans.stop('carla', at, 'vulnerability', reference)).rejects.toMatchObject({
      kind: 'invalid',
    });
    world.jobs.hooks.onTasksEnded('IMAGE_SCAN', (tx, tasks) => world.scans.ends.ended(tx, tasks));
    await scan(reference);
    await world.scans.scans.stop('carla', at, 'vulnerability', reference);
    expect(await world.overview(image)).toMatchObject({ scan_status: 'Stopped', severity: '' });
    await world.scans.scans.stop('carla', at, 'vulnerability', reference);
  });

  it('counts and shows once what a scanner repeats, and stores what PostgreSQL would refuse', async () => {
    const image = await world.addImage(at);
    await scan(image.reference);
    const vendor_attributes = { deep: ['a\0b', '\ud800'] };
    const items = Array.from({ length: 1_200 }, (_, n) =>
      aFinding(`CVE-${n % 600}`, n % 2 ? 'Low' : 'Medium', { vendor_attributes }),
    );
    await world.finish(await theWaiting(), items);
    expect(await world.overview(image)).toMatchObject({ summary: { total: 600 } });
    expect((await readReport(image.reference))[ScannerMediaType.GENERIC_REPORT]?.vulnerabilities).toHaveLength(600);
  });
});

describe('an index', () => {
  it('is scanned by what it holds, and shown as one', async () => {
    const [arm, amd] = [await world.addImage(at), await world.addImage(at)];
    const attestation = await world.addImage(at, { layer: 'application/vnd.in-toto+json' });
    const index = await world.addIndex(at, [arm, amd, attestation]);
    await scan(index.reference);
    const [first, second, ...more] = await world.waiting();
    if (!first || !second) throw new Error('two scans should wait');
    expect(more).toEqual([]);
    expect(await world.overview(index)).toMatchObject({ scan_status: 'Pending' });

    const before = (await world.told()).length;
    await world.finish(first, [HIGH, LOW]);
    expect(await world.overview(index)).toMatchObject({ scan_status: 'Running', complete_percent: 50 });
    await world.finish(second, [HIGH, aFinding('CVE-9', 'Critical')]);
    const shown = await world.overview(index);
    expect(shown).toMatchObject({ scan_status: 'Success', severity: 'Critical', summary: { total: 3, fixable: 1 } });
    const told = (await world.told()).slice(before);
    expect(told.map(({ digest }) => digest)).toEqual([arm.digest, amd.digest, index.digest]);

    const report = (await readReport(index.reference))[ScannerMediaType.GENERIC_REPORT];
    expect(report?.vulnerabilities.map(({ id, artifact_digests: digests }) => [id, digests])).toEqual([
      ['CVE-9', [amd.digest]],
      ['CVE-1', [arm.digest, amd.digest]],
      ['CVE-2', [arm.digest]],
    ]);
    const log = await world.scans.log.read(at, index.reference, shown?.report_id ?? '');
    expect(log.match(/Logs of report/g)).toHaveLength(2);
    await expect(world.scans.log.read(at, arm.reference, shown?.report_id ?? '')).rejects.toMatchObject({
      kind: 'not-found',
    });
  });

  it('shows nothing while one of its images was never asked for', async () => {
    const [arm, amd] = [await world.addImage(at), await world.addImage(at)];
    const index = await world.addIndex(at, [arm, amd]);
    await scan(arm.reference);
    await world.finish(await theWaiting(), [HIGH]);
    expect(await world.overview(index)).toBeNull();
  });
});

describe('several scanners', () => {
  it('say who said what', async () => {
    const probe = await world.addScanner(`probe-${project.name}`);
    await world.chooseScanners(project.id, [lens, probe]);
    const image = await world.addImage(at);
    await scan(image.reference);
    const [first, second] = await world.waiting();
    if (!first || !second) throw new Error('two scans should wait');
    await world.finish(first, [HIGH]);
    await world.finish(second, [{ ...HIGH, severity: 'Critical', description: 'worse than thought' }, LOW]);
    expect(await world.overview(image)).toMatchObject({
      severity: 'Critical',
      summary: { total: 2, summary: { Critical: 1, Low: 1 } },
      scanners: [
        { severity: 'High', total: 1, scanner: { name: `scanner ${lens}` } },
        { severity: 'Critical', total: 2, scanner: { name: `scanner ${probe}` } },
      ],
    });
    const report = (await readReport(image.reference))[ScannerMediaType.GENERIC_REPORT];
    expect(report?.vulnerabilities[0]).toMatchObject({
      id: 'CVE-1',
      severity: 'Critical',
      scanners: [
        { scanner: `scanner ${lens}`, severity: 'High' },
        { scanner: `scanner ${probe}`, severity: 'Critical' },
      ],
    });

    // The project has chosen one of them: the other's report goes with the next scan.
    await world.database.rows('DELETE FROM project_scanner WHERE registration_id = $1 RETURNING position', [probe]);
    await scan(image.reference);
    await world.finish(await theWaiting(), [LOW]);
    const shown = await world.overview(image);
    expect(shown).toMatchObject({ severity: 'Low', summary: { total: 1 } });
    expect(shown?.scanners).toBeUndefined();
  });
});

describe('a push', () => {
  const wishes = { scansOnPush: true, makesSbomOnPush: true };
  const pushed = (image: { digest: string }, given: object = {}) =>
    world.scans.onPush.pushed(
      {
        ...{ projectId: project.id, repository: at.name, digest: image.digest as never, tags: [] },
        ...{ subjectDigest: null, by: 'ci', ...given },
      },
      wishes,
    );
  const ended = async (): Promise<void> => {
    for (const scan of await world.waiting()) await world.fail(scan, 'Error');
  };

  it('is scanned once, however often it is told, and an index by what it brings', async () => {
    const image = await world.addImage(at);
    await pushed(image);
    await pushed(image);
    expect(await world.waiting()).toHaveLength(2);
    const [first] = await world.waiting();
    if (first) await world.finish(first, []);
    await ended();
    const other = await world.addImage(at);
    await pushed(await world.addIndex(at, [image, other]));
    const kinds = await world.database.rows<{ kind: string; artifact_id: string }>(
      `SELECT kind, artifact_id FROM scan_report WHERE status = 'Pending' ORDER BY kind, artifact_id`,
    );
    // The one that has a report needs none; its SBOM did not come to be.
    expect(kinds).toEqual([
      { kind: 'sbom', artifact_id: `${image.id}` },
      { kind: 'sbom', artifact_id: `${other.id}` },
      { kind: 'vulnerability', artifact_id: `${other.id}` },
    ]);
    await ended();
  });

  it('of something attached is not scanned, nor is an SBOM made beside one that was pushed', async () => {
    const image = await world.addImage(at);
    const sbom = await world.addImage(at, { subject: image.digest });
    await world.database.rows(
      `UPDATE artifact SET artifact_type = 'application/spdx+json' WHERE id = $1 RETURNING id`,
      [sbom.id],
    );
    await pushed(sbom, { subjectDigest: image.digest });
    expect(await world.waiting()).toEqual([]);
    await pushed(image);
    const waiting = await theWaiting();
    expect(waiting.artifactId).toBe(image.id);
    await ended();
    await pushed({ digest: `sha256:${'0'.repeat(64)}` });
    expect(await world.waiting()).toEqual([]);
  });
});

describe('an artifact that is deleted', () => {
  it('takes its reports along, and a scan that runs ends without harm', async () => {
    const [kept, gone] = [await world.addImage(at), await world.addImage(at)];
    for (const image of [kept, gone]) {
      await scan(image.reference);
      await world.finish(await theWaiting(), [aFinding(`CVE-of-${image.id}`, 'High'), LOW]);
    }
    await scan(gone.reference);
    const running = await theWaiting();
    const begun = await world.scans.ends.begin(running.taskId, running.reportId);
    await world.deleteArtifact(gone);
    await expect(world.scans.findings.add(running.reportId, lens, [HIGH])).rejects.toMatchObject({
      code: 'REPORT_GONE',
    });
    expect(begun).not.toBeNull();
    await world.fail(running, 'Error');

    // Two findings, a piece each.
    while ((await world.scans.sweeper.sweep(20, 1)) > 0);
    const cves = await world.database.rows<{ cve_id: string }>('SELECT cve_id FROM vulnerability');
    const ids = cves.map(({ cve_id: id }) => id);
    expect(ids).toContain(`CVE-of-${kept.id}`);
    expect(ids).not.toContain(`CVE-of-${gone.id}`);
    expect(ids).toContain('CVE-2');
    const links = await world.database.rows(
      'SELECT FROM report_vulnerability WHERE report_id NOT IN (SELECT id FROM scan_report)',
    );
    expect(links).toEqual([]);
  });
});

describe('a scanner that is deleted', () => {
  it('takes along what it found, and what is on its way when that has ended', async () => {
    const image = await world.addImage(at);
    const index = await world.addIndex(at, [image]);
    const other = await world.addScanner('other');
    const both = await world.addProject();
    const elsewhere = { projectId: both.id, name: RepositoryName.parse(`${both.name}/app`) };
    const looked = await world.addImage(elsewhere);
    await world.chooseScanners(both.id, [lens, other]);
    const asked = { by: 'carla', trigger: 'MANUAL', reference: looked.reference } as const;
    await world.scans.scans.scan(elsewhere, 'vulnerability', asked);
    for (const waiting of await world.waiting())
      await world.finish(waiting, [waiting.registrationId === other ? HIGH : LOW]);
    await world.chooseScanners(at.projectId, [other]);
    await scan(index.reference);
    await world.finish(await theWaiting(), [aFinding('CVE-of-the-deleted', 'High')]);
    expect([await world.overview(image), await world.overview(index)]).toMatchObject([
      { severity: 'High' },
      { severity: 'High' },
    ]);
    await scan(image.reference);
    const running = await theWaiting();
    await world.scans.ends.begin(running.taskId, running.reportId);

    await world.database.rows('DELETE FROM scanner_registration WHERE id = $1 RETURNING id', [other]);
    const sweepAll = async (): Promise<void> => {
      while ((await world.scans.sweeper.retire(1)) > 0);
      while ((await world.scans.sweeper.sweep()) > 0);
    };
    await sweepAll();
    expect(await world.overview(looked)).toMatchObject({ severity: 'Low', summary: { total: 1 } });
    expect(await world.overview(image)).toMatchObject({ scan_status: 'Running', severity: '' });
    await world.fail(running, 'Error');
    await sweepAll();
    expect([await world.overview(image), await world.overview(index)]).toEqual([null, null]);
    const left = await world.database.rows('SELECT FROM scan_report WHERE registration_id = $1', [other]);
    expect(left).toEqual([]);
    const findings = await world.database.rows(`SELECT FROM vulnerability WHERE registration_id = $1`, [other]);
    expect(findings).toEqual([]);
  });
});
