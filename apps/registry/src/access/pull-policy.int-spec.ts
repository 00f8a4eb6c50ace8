import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Findings } from '../testing/findings.js';
import { digestOf, HttpClient, manifestOf, OCI_INDEX, OCI_MANIFEST, type Answer } from '../testing/http-client.js';
import { RegistryHarness, type TestProject } from '../testing/registry-harness.js';

let harness: RegistryHarness;
let findings: Findings;
let admin: HttpClient;
/** The default; what projects that do not choose go by. */
let scanner: number;

beforeAll(async () => {
  harness = await RegistryHarness.create();
  findings = new Findings(harness.database);
  admin = new HttpClient(await harness.start(), harness.admin.basic);
  scanner = await findings.scanner('first', { isDefault: true });
});
afterAll(async () => {
  admin.close();
  await harness.close();
});

let made = 0;
/** A project of its own, and in it an image of its own. */
async function guarded(metadata: Record<string, string> = { prevent_vul: 'true', severity: 'high' }): Promise<Guarded> {
  const project = await harness.project(`guarded${++made}`, { metadata });
  const repository = `${project.name}/app`;
  const digest = await admin.pushArtifact(repository, 'v1', manifestOf({ annotations: { made: String(made) } }));
  return { project, repository, digest, path: `/v2/${repository}/manifests/v1` };
}
interface Guarded {
  readonly project: TestProject;
  readonly repository: string;
  readonly digest: string;
  readonly path: string;
}

const errorOf = (answer: Answer): { code: string; message: string; detail: Record<string, unknown> } =>
  answer.json<{ errors: { code: string; message: string; detail: Record<string, unknown> }[] }>().errors[0] as never;

async function setAllowlist(projectId: number, cveIds: string[], expiresAt: Date | null = null): Promise<void> {
  await harness.database.rows(
    `INSERT INTO project_cve_allowlist (project_id, cve_ids, expires_at) VALUES ($1, $2, $3)
     ON CONFLICT (project_id) DO UPDATE SET cve_ids = excluded.cve_ids, expires_at = excluded.expires_at`,
    [projectId, cveIds, expiresAt],
  );
}

describe('a project that holds vulnerable artifacts back', () => {
  it('refuses what is too severe, names it, and says what can be done', async () => {
    const { path, digest } = await guarded();
    await findings.report(digest, scanner, ['CVE-2024-1', 'High'], ['CVE-2024-2', 'Critical'], ['CVE-2024-3', 'Low']);
    const answer = await admin.get(path);
    expect([answer.status, answer.headers['content-type']]).toEqual([412, 'application/json']);
    const { code, message, detail } = errorOf(answer);
    expect(code).toBe('PROJECTPOLICYVIOLATION');
    expect(message).toContain('2 vulnerabilities of severity High or higher, the worst Critical');
    expect(message).toContain('CVE-2024-2 (Critical), CVE-2024-1 (High)');
    expect(message).toContain('CVE allowlist');
    expect(detail).toEqual({
      severity: 'Critical',
      threshold: 'high',
      vulnerabilityCount: 2,
      cveIds: ['CVE-2024-2', 'CVE-2024-1'],
    });
  });

  it('refuses alike by tag and by digest, to GET, HEAD and who has it already', async () => {
    const { path, repository, digest } = await guarded();
    await findings.report(digest, scanner, ['CVE-1', 'High']);
    const byDigest = `/v2/${repository}/manifests/${digest}`;
    const answers = await Promise.all([
      ...[admin.get(path), admin.head(path), admin.get(byDigest), admin.head(byDigest)],
      admin.get(path, { 'If-None-Match': `"${digest}"` }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([412, 412, 412, 412, 412]);
  });

  it('names only the first of many', async () => {
    const { path, digest } = await guarded();
    const many = Array.from({ length: 150 }, (_, index): [string, string] => [`CVE-${1000 + index}`, 'High']);
    await findings.report(digest, scanner, ...many);
    const { message, detail } = errorOf(await admin.get(path));
    expect(message).toContain(
      'CVE-1000 (High), CVE-1001 (High), CVE-1002 (High), CVE-1003 (High), CVE-1004 (High) and 145 others',
    );
    expect(detail).toMatchObject({ vulnerabilityCount: 150, cveIds: many.slice(0, 100).map(([cveId]) => cveId) });
  });

  it.each([
    ['nothing was found', []],
    [
      'nothing reaches the threshold',
      [
        ['CVE-1', 'Medium'],
        ['CVE-2', 'Unknown'],
      ],
    ],
  ] as [string, [string, string][]][])('lets through when %s', async (_, found) => {
    const { path, digest } = await guarded();
    await findings.report(digest, scanner, ...found);
    expect((await admin.get(path)).status).toBe(200);
  });

  it.each([
    ['has not been scanned yet', null],
    ['has not begun yet', 'Pending'],
    ['is still running', 'Running'],
    ['failed', 'Error'],
    ['was stopped', 'Stopped'],
  ])('refuses what %s', async (reason, status) => {
    const { path, digest } = await guarded();
    if (status !== null) await findings.scan(digest, scanner, status);
    const answer = await admin.get(path);
    expect([answer.status, errorOf(answer).detail]).toEqual([412, { scanStatus: status, threshold: 'high' }]);
    expect(errorOf(answer).message).toContain(reason);
  });

  it('goes by the last good report while a new scan runs or fails', async () => {
    const { path, digest } = await guarded();
    await findings.report(digest, scanner, ['CVE-1', 'Low']);
    for (const status of ['Running', 'Error']) {
      await findings.scan(digest, scanner, status);
      expect((await admin.get(path)).status).toBe(200);
    }
  });

  it('lets through at once what was refused: after a scan, and after the CVEs were accepted', async () => {
    const { project, path, digest } = await guarded({
      ...{ prevent_vul: 'true', severity: 'high', reuse_sys_cve_allowlist: 'false' },
    });
    expect((await admin.get(path)).status).toBe(412);
    await findings.report(digest, scanner, ['CVE-1', 'High'], ['CVE-2', 'Critical']);
    await setAllowlist(project.id, ['CVE-2']);
    expect(errorOf(await admin.get(path)).detail).toMatchObject({ cveIds: ['CVE-1'], severity: 'High' });
    await setAllowlist(project.id, ['CVE-2', 'CVE-1']);
    expect((await admin.get(path)).status).toBe(200);
  });

  it('ignores an allowlist that has ended, and its own where it goes by the system’s', async () => {
    const own = { prevent_vul: 'true', severity: 'high', reuse_sys_cve_allowlist: 'false' };
    const [ended, systems] = [await guarded(own), await guarded()];
    for (const { project, digest } of [ended, systems]) {
      await findings.report(digest, scanner, ['CVE-77', 'High']);
      await setAllowlist(project.id, ['CVE-77'], project === ended.project ? new Date(Date.now() - 1_000) : null);
    }
    expect([(await admin.get(ended.path)).status, (await admin.get(systems.path)).status]).toEqual([412, 412]);
    await harness.database.rows(`INSERT INTO system_cve_allowlist (cve_ids) VALUES ('{CVE-77}')`);
    expect([(await admin.get(ended.path)).status, (await admin.get(systems.path)).status]).toEqual([412, 200]);
  });

  it('goes by the scanners that the project uses now, all together', async () => {
    const { project, path, digest } = await guarded();
    const second = await findings.scanner(`second${made}`);
    const third = await findings.scanner(`third${made}`);
    await findings.report(digest, scanner, ['CVE-1', 'Critical']);
    await findings.report(digest, second, ['CVE-2', 'Low']);
    await findings.report(digest, third, ['CVE-2', 'Critical']);
    const seen = async (...scanners: number[]): Promise<unknown> => {
      await findings.choose(project.id, ...scanners);
      const answer = await admin.get(path);
      return answer.status === 200 ? 'pulled' : errorOf(answer).detail['cveIds'];
    };
    expect(await seen()).toEqual(['CVE-1']);
    expect(await seen(third)).toEqual(['CVE-2']);
    expect(await seen(second, third, scanner)).toEqual(['CVE-1', 'CVE-2']);
    expect(await seen(second)).toBe('pulled');
  });

  it('asks about the children of an index when they are pulled, and about nothing that no scanner can look at', async () => {
    const { repository, digest } = await guarded();
    const image = { mediaType: OCI_MANIFEST, digest, size: 1 };
    const attestation = manifestOf({ layers: [{ ...layerOf(), mediaType: 'application/vnd.in-toto+json' }] });
    const attestationDigest = await admin.pushArtifact(repository, digestOf(attestation), attestation);
    const index = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [image] });
    const signature = manifestOf({ subject: image, artifactType: 'application/vnd.example.signature' });
    const signatureDigest = await admin.pushArtifact(repository, digestOf(signature), signature);
    await admin.pushManifest(repository, 'all', index);
    const statuses = await Promise.all(
      ['all', digest, attestationDigest, signatureDigest].map(
        async (reference) => (await admin.get(`/v2/${repository}/manifests/${reference}`)).status,
      ),
    );
    expect(statuses).toEqual([200, 412, 200, 200]);
  });

  it.each([{}, { prevent_vul: 'false', severity: 'low' }])('is only one that says so: %j', async (metadata) => {
    const { path, digest } = await guarded(metadata);
    await findings.report(digest, scanner, ['CVE-1', 'Critical']);
    expect((await admin.get(path)).status).toBe(200);
  });
});

describe('what a client calls itself', () => {
  it.each(['cosign/v2.4.0', 'notation/1.3.0', 'trivy/0.60', 'breakwater-scanner'])(
    'opens nothing: %s',
    async (agent) => {
      const { path } = await guarded();
      expect((await admin.get(path, { 'User-Agent': agent })).status).toBe(412);
    },
  );
});

function layerOf(): object {
  return (JSON.parse(manifestOf()) as { layers: object[] }).layers[0] as object;
}
