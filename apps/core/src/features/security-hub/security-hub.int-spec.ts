import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ScannedArtifacts } from '../../testing/scanned-artifacts.js';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
let team: { id: number };
let [web, api, child, index] = Array.from({ length: 4 }, () => ({ id: 0, digest: '' })) as Artifact[];
type Artifact = { id: number; digest: string };

beforeAll(async () => {
  core = await createTestCore();
  await core.addUser('ann');
  team = await core.addProject('team');
  await core.addProject('other');
});
afterAll(() => core.close());

type Row = Readonly<Record<string, unknown>>;
const vul = (query: string) => core.admin.get<Row[]>(`/security/vul?${query}`);
const found = async (q: string): Promise<unknown[]> =>
  (await vul(`q=${encodeURIComponent(q)}&page_size=50`)).body.map((row) => [row['cve_id'], row['package']].join(' '));

describe('the security hub without a scanner', () => {
  it('knows of nothing', async () => {
    expect((await core.admin.get('/security/summary?with_dangerous_cve=true')).body).toMatchObject({
      total_vuls: 0,
      total_artifact: 0,
      dangerous_cves: [],
    });
    expect((await vul('')).body).toEqual([]);
  });
});

describe('the security hub', () => {
  beforeAll(async () => {
    const artifacts = new ScannedArtifacts(core.services.database);
    const lens = await artifacts.addScanner('lens', { isDefault: true });
    const other = await artifacts.addScanner('other');
    web = await artifacts.add('team/web', ['v1', 'latest']);
    api = await artifacts.add('other/api', ['v1']);
    child = await artifacts.add('other/api');
    index = await artifacts.add('other/api', ['multi']);
    await artifacts.hold(index, child);
    const detail = { description: 'bad', links: ['https://a.test', 'https://b.test'] };
    await artifacts.report(web, lens, [
      { cve: 'CVE-1', severity: 'Critical', score: 9.8, fix: '1.1', detail },
      { cve: 'CVE-2', score: 7.5 },
      { cve: 'CVE-2', score: 7.5, package: 'zlib' },
      { cve: 'CVE-3', severity: 'Negligible', score: 0 },
    ]);
    await artifacts.report(api, lens, [{ cve: 'CVE-1', severity: 'Critical', score: 9.8 }]);
    await artifacts.report(child, lens, [{ cve: 'CVE-4', severity: 'Low', score: 3.1 }]);
    await artifacts.report(web, other, [{ cve: 'CVE-9', severity: 'Critical', score: 10 }]);
  });

  it('sums up what the default scanner has found', async () => {
    const { body } = await core.admin.get('/security/summary');
    expect(body).toEqual({
      critical_cnt: 2,
      high_cnt: 2,
      medium_cnt: 0,
      low_cnt: 1,
      none_cnt: 1,
      unknown_cnt: 0,
      total_vuls: 6,
      fixable_cnt: 1,
      scanned_cnt: 4,
      total_artifact: 4,
    });
  });

  it('names the most dangerous artifacts and CVEs', async () => {
    const { body } = await core.admin.get<Record<string, Row[]>>(
      '/security/summary?with_dangerous_cve=true&with_dangerous_artifact=true',
    );
    expect(body['dangerous_artifacts']).toEqual([
      {
        project_id: team.id,
        repository_name: 'team/web',
        digest: web?.digest,
        ...{ critical_cnt: 1, high_cnt: 2, medium_cnt: 0 },
      },
      expect.objectContaining({ digest: api?.digest, critical_cnt: 1, high_cnt: 0 }),
      expect.objectContaining({ digest: child?.digest, critical_cnt: 0 }),
    ]);
    expect(body['dangerous_cves']?.map((each) => each['cve_id'])).toEqual(['CVE-1', 'CVE-2', 'CVE-4']);
    expect(body['dangerous_cves']?.[0]).toEqual({
      ...{ cve_id: 'CVE-1', severity: 'Critical', cvss_score_v3: 9.8, desc: 'bad', package: 'openssl', version: '1.0' },
    });
  });

  it('lists findings, the highest score first, with all that is known', async () => {
    const { body, headers } = await vul('with_tag=true&page_size=2');
    expect(headers['x-total-count']).toBe('6');
    expect(headers['link']).toContain('rel="next"');
    expect(body[0]).toEqual({
      project_id: team.id,
      repository_name: 'team/web',
      digest: web?.digest,
      tags: ['latest', 'v1'],
      cve_id: 'CVE-1',
      severity: 'Critical',
      status: 'affected',
      cvss_v3_score: 9.8,
      package: 'openssl',
      version: '1.0',
      fixed_version: '1.1',
      desc: 'bad',
      links: ['https://a.test', 'https://b.test'],
    });
    expect((await vul('')).body[0]).not.toHaveProperty('tags');
  });

  it.each([
    ['cve_id=CVE-2', ['CVE-2 openssl', 'CVE-2 zlib']],
    ['cve_id=CVE-9', []],
    ['severity=Critical', ['CVE-1 openssl', 'CVE-1 openssl']],
    ['severity=critical', []],
    ['status=affected,package=zlib', ['CVE-2 zlib']],
    ['cvss_score_v3=[3~7.5]', ['CVE-2 openssl', 'CVE-2 zlib', 'CVE-4 openssl']],
    ['cvss_score_v3=[9~]', ['CVE-1 openssl', 'CVE-1 openssl']],
    ['project_id=PROJECT,severity=Critical', ['CVE-1 openssl']],
    ['repository_name=other/api', ['CVE-1 openssl', 'CVE-4 openssl']],
    ['repository_name=no/such', []],
    ['tag=v1,cve_id=CVE-1', ['CVE-1 openssl', 'CVE-1 openssl']],
    ['tag=latest,package=zlib', ['CVE-2 zlib']],
    ['tag=multi', ['CVE-4 openssl']],
    ['tag=none', []],
  ])('finds %s', async (q, expected) => {
    expect(await found(q.replace('PROJECT', `${team.id}`))).toEqual(expected);
  });

  it('finds by digest', async () => expect(await found(`digest=${child?.digest}`)).toEqual(['CVE-4 openssl']));

  it.each([
    'cve=CVE-1',
    'cve_id=~CVE',
    'severity={High Low}',
    'cvss_score_v3=9',
    'cvss_score_v3=[high~]',
    'project_id=team',
    'cve_id',
  ])('does not understand %s', async (q) => {
    expect((await vul(`q=${encodeURIComponent(q)}`)).status).toBe(400);
  });

  it('shows a report no more whose artifact is gone, and counts it no more', async () => {
    await core.services.database.rows('UPDATE scan_report SET artifact_id = NULL, is_good = false WHERE digest = $1', [
      api?.digest ?? '',
    ]);
    expect(await found('cve_id=CVE-1')).toEqual(['CVE-1 openssl']);
    expect((await vul('tune_count=true')).headers['x-total-count']).toBe('5');
    expect((await core.admin.get('/security/summary')).body).toMatchObject({ critical_cnt: 1, total_vuls: 5 });
  });

  it('is for administrators', async () => {
    for (const path of ['/security/summary', '/security/vul']) {
      expect((await core.as('ann').get(path)).status).toBe(403);
      expect((await core.anonymous.get(path)).status).toBe(401);
    }
  });
});
