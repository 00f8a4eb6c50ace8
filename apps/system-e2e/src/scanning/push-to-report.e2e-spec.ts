import { join } from 'node:path';
import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ClientHome } from '../clients/client-home.js';
import { Layouts } from '../clients/layout-client.js';
import { skopeo } from '../clients/skopeo.js';
import { OciClient } from '../data-plane/oci-client.js';
import { api, expectStatus, sharedApi, type Credentials } from '../system/api.js';
import { installation } from '../system/installation.js';
import { aTemporaryFolder } from '../system/temporary-folder.js';
import { describeWithTools, type Outcome } from '../system/tools.js';
import { startAdapterProcess, type AdapterProcess } from './testing/adapter-process.js';
import { HookReceiver, isSigned } from './testing/hook-receiver.js';
import { FINDINGS, FINDINGS_LABEL, pushAnImage, ScanApi, type ScannedImage } from './testing/scanned-image.js';

const SECRET = 'known to both';
const EVENTS = ['PUSH_ARTIFACT', 'SCANNING_COMPLETED', 'SCANNING_STOPPED'];

interface Worker {
  readonly job_name?: string;
  readonly job_id?: string;
}

/** A push sets scanners going, policy acts on what they find, and who asked is told: all that npm start runs. */
describeWithTools(['skopeo'], 'from the push to the report', () => {
  const directory = aTemporaryFolder('scanning');
  const client = skopeo(join(directory, 'w'));
  let adapter: AdapterProcess;
  let receiver: HookReceiver;
  let scans: ScanApi;
  let project: string;
  let carla: Credentials;
  let home: ClientHome;
  let image: ScannedImage;
  const registered: string[] = [];
  const reference = (): string => `${installation().registry}/${project}/app:v1`;
  const pull = (): Promise<Outcome> => client.pull(home, reference());
  const setProject = async (body: object): Promise<void> =>
    expectStatus(await api('PUT', `/projects/${project}`, { body }), 200);

  beforeAll(async () => {
    [adapter, receiver] = await Promise.all([startAdapterProcess(), HookReceiver.start()]);
    scans = new ScanApi(sharedApi());
  });
  afterAll(async () => {
    // Other suites share the installation.
    for (const id of registered) expectStatus(await api('DELETE', `/scanners/${id}`), 200);
    receiver.stop();
    await adapter.stop();
  });

  it('takes an adapter as the default scanner, which projects then have', async () => {
    const id = await scans.register('Test adapter', adapter.url);
    registered.push(id);
    expectStatus(await api('PATCH', `/scanners/${id}`, { body: { is_default: true } }), 200);
    expect((await api('GET', '/scanners')).json).toMatchObject([{ uuid: id, is_default: true, url: adapter.url }]);
    project = await scans.project(null);
    carla = await sharedApi().member(project, 'maintainer');
    const ofProject = await api('GET', `/projects/${project}/scanner`, { as: carla });
    expect(ofProject.json).toMatchObject({ uuid: id, health: 'healthy' });
  });

  it('scans what skopeo copies in, and shows the report in lists and beside the artifact', async () => {
    await scans.tell(project, receiver.url, EVENTS, SECRET);
    home = new ClientHome(join(directory, 'home'), installation().registry);
    expect(await client.login(home, carla)).toMatchObject({ code: 0 });
    const labels = { [FINDINGS_LABEL]: JSON.stringify(FINDINGS) };
    const content = new Layouts(join(directory, 'labelled')).image({ labels });
    expect(await client.push(home, content, reference())).toMatchObject({ code: 0 });

    const artifacts = `/projects/${project}/repositories/app/artifacts`;
    const [listed] = await eventually(async () => {
      const { json } = await api('GET', `${artifacts}?with_scan_overview=true`, { as: carla });
      const found = json as { digest: string; scan_overview?: Record<string, object> }[];
      expect(Object.values(found[0]?.scan_overview ?? {})).toMatchObject([{ scan_status: 'Success' }]);
      return found;
    });
    image = { project, repository: 'app', digest: listed?.digest ?? '' };
    const summary = { total: 2, fixable: 1, summary: { Critical: 1, Low: 1 } };
    expect(await scans.summary(image)).toMatchObject({ severity: 'Critical', summary });
    const report = (await api('GET', `${scans.pathOf(image)}/additions/vulnerabilities`, { as: carla })).json;
    const vulnerabilities = FINDINGS.map(({ id, package: name, severity }) => ({ id, package: name, severity }));
    expect(Object.values(report as object)).toMatchObject([{ severity: 'Critical', vulnerabilities }]);
    expect(await scans.log(image)).toContain('2 findings, 1 of them with a fix');
  });

  it('tells of the push and of the report, signed', async () => {
    const told = await eventually(() => {
      expect(receiver.about(image.digest).map(({ type }) => type)).toEqual(
        expect.arrayContaining(['PUSH_ARTIFACT', 'SCANNING_COMPLETED']),
      );
      return receiver.about(image.digest);
    });
    for (const message of told) {
      expect(isSigned(message, SECRET)).toBe(true);
      expect(isSigned(message, 'another')).toBe(false);
      expect(message.event.event_data.repository).toMatchObject({ name: 'app', namespace: project });
    }
    expect(receiver.about(image.digest, 'PUSH_ARTIFACT')).toMatchObject([{ event: { operator: carla.username } }]);
    const [completed] = receiver.about(image.digest, 'SCANNING_COMPLETED');
    const overview = completed?.event.event_data.resources[0]?.scan_overview ?? {};
    expect(Object.values(overview)).toMatchObject([{ scan_status: 'Success', severity: 'Critical' }]);
  });

  it('refuses the pull with the reason where the project prevents it, and lets it through with the CVE accepted', async () => {
    expect(await pull()).toMatchObject({ code: 0 });
    await setProject({ metadata: { prevent_vul: 'true', severity: 'high' } });
    const refused = await eventually(async () => {
      const outcome = await pull();
      expect(outcome.code).not.toBe(0);
      return outcome;
    });
    expect(refused.stderr).toContain('CVE-2026-0001 (Critical)');
    expect(refused.stderr).not.toContain('CVE-2026-0002');
    expect(refused.stderr).toContain('CVE allowlist');
    await setProject({
      metadata: { reuse_sys_cve_allowlist: 'false' },
      cve_allowlist: { items: [{ cve_id: 'CVE-2026-0001' }] },
    });
    await eventually(async () => expect(await pull()).toMatchObject({ code: 0 }));
  });

  it('makes an SBOM by hand, which can be read', async () => {
    expectStatus(await api('POST', `${scans.pathOf(image)}/scan`, { as: carla, body: { scan_type: 'sbom' } }), 202);
    const { sbom_digest: digest } = await eventually(async () => {
      const { json } = await api('GET', `${scans.pathOf(image)}?with_sbom_overview=true`, { as: carla });
      const overview = (json as { sbom_overview?: { scan_status: string; sbom_digest: string } }).sbom_overview;
      expect(overview).toMatchObject({ scan_status: 'Success', sbom_digest: expect.stringMatching(/^sha256:/) });
      return overview as { sbom_digest: string };
    });
    const path = `${scans.pathOf({ ...image, digest })}/additions/sbom`;
    const { json } = await api('GET', path, { as: carla });
    const packages = FINDINGS.map(({ package: name }) => expect.objectContaining({ name }));
    expect(json).toMatchObject({ spdxVersion: 'SPDX-2.3', packages: expect.arrayContaining(packages) });
  });

  it('keeps who did what', async () => {
    const rows = async (): Promise<string[]> =>
      ((await api('GET', `/projects/${project}/auditlog-exts?page_size=100`)).json as Record<string, string>[]).map(
        (row) => [row['username'], row['operation'], row['resource_type']].join(' '),
      );
    const { username } = carla;
    // Pulls are told together, after a few seconds.
    await eventually(async () =>
      expect(await rows()).toEqual(
        expect.arrayContaining([
          'admin create project',
          'admin create member',
          'admin update project',
          `${username} create artifact`,
          `${username} pull artifact`,
        ]),
      ),
    );
    // The scanner's pulls are nobody's.
    expect((await rows()).join()).not.toContain('scanner$');
  });

  it('lets others be scanned while an adapter hangs; the dashboard of jobs shows its task, and stops it', async () => {
    const hanging = await startAdapterProcess({ SCANNER_TEST_ADAPTER_FAULTS: '{"report":{"kind":"not-ready"}}' });
    try {
      const id = await scans.register('Never ready', hanging.url);
      registered.push(id);
      const [stuckProject, oci] = [await scans.project(id), new OciClient(installation().url, sharedApi().admin)];
      await scans.tell(stuckProject, receiver.url, EVENTS, SECRET);
      const stuck = await pushAnImage(oci, stuckProject, 'stuck');
      await eventually(async () => expect(await scans.summary(stuck)).toMatchObject({ scan_status: 'Running' }));
      const other = await pushAnImage(oci, project, 'other');
      await eventually(async () => expect(await scans.summary(other)).toMatchObject({ scan_status: 'Success' }));
      expect(await scans.summary(stuck)).toMatchObject({ scan_status: 'Running' });

      const [pool] = (await api('GET', '/jobservice/pools')).json as { worker_pool_id: string }[];
      const workers = (await api('GET', `/jobservice/pools/${pool?.worker_pool_id}/workers`)).json as Worker[];
      const scanning = workers.filter(({ job_name: type }) => type === 'IMAGE_SCAN');
      expect(scanning).toEqual([expect.objectContaining({ job_id: expect.stringMatching(/^\d+$/) })]);
      const [busy] = scanning;
      const log = `/jobservice/jobs/${busy?.job_id}/log`;
      await eventually(async () =>
        expect((await api('GET', log)).json).toContain(`asked to scan ${stuckProject}/stuck`),
      );
      const queues = (await api('GET', '/jobservice/queues')).json;
      expect(queues).toEqual(expect.arrayContaining([expect.objectContaining({ job_type: 'IMAGE_SCAN' })]));
      expectStatus(await api('PUT', `/jobservice/jobs/${busy?.job_id}`), 200);
      await eventually(async () => expect(await scans.summary(stuck)).toMatchObject({ scan_status: 'Stopped' }));
      await eventually(() => expect(receiver.about(stuck.digest, 'SCANNING_STOPPED')).toHaveLength(1));
    } finally {
      await hanging.stop();
    }
  });
});
