import { Role } from '@breakwater/rbac';
import { ExportWriter, parseExportTask } from '@breakwater/scanning';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../testing/caller.js';
import { ScannedArtifacts } from '../../testing/scanned-artifacts.js';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

const TYPE = { 'x-scan-data-type': 'application/vnd.security.vulnerability.report; version=1.1' };

let core: TestCore;
let ann: Caller;
let annId: number;
let team: { id: number };
let web: { id: number; digest: string };
beforeAll(async () => {
  core = await createTestCore();
  annId = (await core.addUser('ann')).id;
  await core.addUser('gus');
  ann = core.as('ann');
  team = await core.addProject('team', { members: { ann: Role.developer, gus: Role.guest } });
  const artifacts = new ScannedArtifacts(core.services.database);
  const lens = await artifacts.addScanner('lens', { isDefault: true });
  const other = await artifacts.addScanner('other');
  web = await artifacts.add('team/web', ['v1']);
  const child = await artifacts.add('team/deep/api');
  const index = await artifacts.add('team/deep/api', ['multi']);
  await artifacts.hold(index, child);
  const detail = { cwe_ids: ['CWE-1', 'CWE-2'], vendor_attributes: { a: 1 } };
  await artifacts.report(web, lens, [
    { cve: 'CVE-1', severity: 'Critical', fix: '2', package: '=cmd', detail },
    { cve: 'CVE-2' },
  ]);
  await artifacts.report(web, other, [{ cve: 'GHSA-3', package: 'a "b", c' }]);
  await artifacts.report(child, lens, [{ cve: 'CVE-4' }]);
});
afterAll(() => core.close());

const ask = (given: object = {}, by = ann, headers: Record<string, string> = TYPE) =>
  by.post<{ id: number }>('/export/cve', { job_name: 'mine', projects: [team.id], ...given }, headers);
const execution = (id: number, by = ann) => by.get<Record<string, unknown>>(`/export/cve/execution/${id}`);
const download = (id: number, by = ann) => by.get<string>(`/export/cve/download/${id}`);

/** As the job does it. */
async function write(executionId: number, largestBytes?: number): Promise<void> {
  const { database, scanDataExports } = core.services;
  const [task] = await database.rows<{ parameters: Record<string, unknown> }>(
    'SELECT parameters FROM task WHERE execution_id = $1',
    [executionId],
  );
  const parameters = task?.parameters ?? {};
  const writer = new ExportWriter(database, largestBytes);
  const written = await writer.write(parseExportTask(parameters), () => undefined);
  await database.unitOfWork.run(async (tx) => {
    await writer.complete(tx, parseExportTask(parameters).exportId, written);
    await scanDataExports.ended(tx, [{ status: 'Success', statusMessage: `${written.rowCount} findings`, parameters }]);
  });
}

async function exported(given: object): Promise<string[]> {
  const { id } = (await ask(given)).body;
  await write(id);
  const { status, text } = await download(id);
  return status === 404 ? [] : text.trimEnd().split('\n').slice(1);
}
const cvesOf = async (given: object) => (await exported(given)).map((line) => line.split(',')[2]);

const setRoleOfAnn = (role: number) =>
  core.services.database.rows('UPDATE project_member SET role_id = $1 WHERE entity_id = $2 AND project_id = $3', [
    ...[role, annId, team.id],
  ]);

describe('POST /export/cve', () => {
  it('checks the header, the body, blanks and then rights', async () => {
    const wrong = { projects: [], tags: 'a b' };
    expect((await ask(wrong, ann, {})).text).toContain('X-Scan-Data-Type');
    expect((await ask(wrong)).text).toContain('exactly one project');
    expect((await ask({ projects: [team.id, team.id] })).status).toBe(400);
    expect((await ask({ tags: 'a b' })).text).toContain('blanks');
    expect((await ask({ labels: [7] })).status).toBe(400);
    expect((await ask({ labels: [] })).status).toBe(200);
    expect((await ask({ projects: [4711] })).status).toBe(403);
    expect((await ask({ projects: [4711] }, core.admin)).status).toBe(404);
    expect((await ask({}, core.as('gus'))).status).toBe(403);
    expect((await ask({}, core.anonymous)).status).toBe(401);
  });
});

describe('an export', () => {
  it('is a job until it is a file, which can be fetched once', async () => {
    const { id } = (await ask()).body;
    expect((await execution(id)).body).toEqual({
      id,
      user_id: expect.any(Number),
      user_name: 'ann',
      status: 'Running',
      trigger: 'MANUAL',
      start_time: expect.stringMatching(/Z$/),
      status_text: '',
      file_present: false,
    });
    expect((await download(id)).status).toBe(404);
    await write(id);
    expect((await execution(id)).body).toMatchObject({ status_text: '4 findings', file_present: true });
    const { items } = (await ann.get<{ items: { id: number }[] }>('/export/cve/executions')).body;
    expect(items[0]).toMatchObject({ id, file_present: true });

    const { text, headers } = await download(id);
    expect(headers).toMatchObject({
      'content-type': 'text/csv',
      'content-disposition': `attachment; filename="scandata_export_${id}.csv"`,
      'content-length': `${Buffer.byteLength(text)}`,
    });
    const [header, ...lines] = text.trimEnd().split('\n');
    expect(header).toBe(
      'Repository,Artifact Digest,CVE,Package,Current Version,Fixed in version,Severity,CWE Ids,Additional Data,Scanner',
    );
    expect(lines).toHaveLength(4);
    expect(lines).toContain(`team/web,${web.digest},CVE-1,'=cmd,1.0,2,Critical,"CWE-1,CWE-2","{""a"":1}",Lens`);
    expect(lines).toContain(`team/web,${web.digest},GHSA-3,"a ""b"", c",1.0,,High,,,Lens`);

    expect((await download(id)).status).toBe(404);
    expect((await execution(id)).status).toBe(404);
    expect(await core.services.database.rows('SELECT FROM execution WHERE id = $1', [id])).toEqual([]);
    expect(await core.services.database.rows('SELECT FROM scan_data_export_chunk')).toEqual([]);
  });

  it.each([
    [{ repositories: 'web' }, ['CVE-1', 'CVE-2', 'GHSA-3']],
    [{ repositories: 'team/web' }, ['CVE-1', 'CVE-2', 'GHSA-3']],
    [{ repositories: '*' }, ['CVE-1', 'CVE-2', 'GHSA-3']],
    [{ repositories: '**' }, ['CVE-4', 'CVE-1', 'CVE-2', 'GHSA-3']],
    [{ repositories: 'no,such' }, []],
    [{ tags: 'v*' }, ['CVE-1', 'CVE-2', 'GHSA-3']],
    [{ tags: 'multi' }, ['CVE-4']],
    [{ cveIds: 'CVE-2,CVE-4' }, ['CVE-4', 'CVE-2']],
    [{ CVEIds: 'GHSA-*', repositories: 'web' }, ['GHSA-3']],
  ])('of %j has what is asked for', async (given, cves) => expect(await cvesOf(given)).toEqual(cves));

  it('that finds nothing has no file', async () => {
    const { id } = (await ask({ cveIds: 'CVE-0' })).body;
    await write(id);
    expect((await execution(id)).body).toMatchObject({ file_present: false });
    expect((await download(id)).status).toBe(404);
  });

  it('is nobody else’s, and not for who may not see the project any more', async () => {
    const { id } = (await ask()).body;
    await write(id);
    expect((await execution(id, core.admin)).status).toBe(403);
    expect((await download(id, core.admin)).status).toBe(403);
    await setRoleOfAnn(Role.guest);
    expect((await download(id)).status).toBe(403);
    await setRoleOfAnn(Role.developer);
    expect((await download(id)).status).toBe(200);
  });

  it('is not larger than can be kept', async () => {
    const { id } = (await ask()).body;
    await expect(write(id, 200)).rejects.toMatchObject({ code: 'EXPORT_TOO_LARGE', kind: 'invalid' });
  });

  it('is not written by a run that another has taken over from', async () => {
    const { id } = (await ask()).body;
    const { database } = core.services;
    const [task] = await database.rows<{ parameters: Record<string, unknown> }>(
      'SELECT parameters FROM task WHERE execution_id = $1',
      [id],
    );
    const asked = parseExportTask(task?.parameters ?? {});
    const writer = new ExportWriter(database);
    const late = await writer.write(asked, () => undefined);
    await write(id);
    const complete = database.unitOfWork.run((tx) => writer.complete(tx, asked.exportId, late));
    await expect(complete).rejects.toMatchObject({ code: 'EXPORT_GONE' });
    expect((await download(id)).status).toBe(200);
  });

  it('goes with all that is known of it when its time is over, or when there are too many', async () => {
    const { database, scanDataExports } = core.services;
    const { id } = (await ask()).body;
    await write(id);
    await database.rows('UPDATE scan_data_export SET expires_at = now()');
    expect((await execution(id)).status).toBe(404);
    while ((await scanDataExports.sweep()) > 0);
    for (const table of ['scan_data_export', 'scan_data_export_chunk', 'task'])
      expect(await database.rows(`SELECT FROM ${table}`)).toEqual([]);

    for (let n = 0; n < 12; n++) await ask();
    expect((await ann.get<{ items: unknown[] }>('/export/cve/executions')).body.items).toHaveLength(10);
    expect(await database.rows('SELECT FROM execution')).toHaveLength(10);
  });
});
