import { AccountChanged, MembershipChanged, ProjectChanged, ScanPolicyChanged } from '@breakwater/contracts';
import { MessageBus } from '@breakwater/messaging';
import { SILENT } from '@breakwater/observability';
import { describeWithNats, eventually, holdsWithin, startTestNatsServer, testNats } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Findings } from './testing/findings.js';
import { HttpClient, manifestOf } from './testing/http-client.js';
import { RegistryHarness, ROLE, type TestProject } from './testing/registry-harness.js';

let harness: RegistryHarness;
let project: TestProject;

beforeAll(async () => {
  harness = await RegistryHarness.create();
  project = await harness.project('team');
});
afterAll(() => harness.close());

const path = '/v2/team/app/manifests/v1';

describeWithNats('what another process tells', () => {
  let bus: MessageBus;
  let port: number;

  beforeAll(async () => {
    const { url } = await testNats();
    bus = MessageBus.connect({ url, name: 'test', logger: SILENT });
    port = await harness.start({ environment: { BREAKWATER_NATS_URL: url } });
    await eventually(() => expect(bus.isConnected).toBe(true));
    await eventually(async () => {
      const health = new HttpClient(port, null);
      const { checks } = (await health.get('/healthz/ready')).json<{ checks: { name: string; status: string }[] }>();
      health.close();
      expect(checks).toContainEqual(expect.objectContaining({ name: 'nats', status: 'ok' }));
    });
  });
  afterAll(() => bus.close());

  // The clocks stand still, timers go on: nothing that is remembered grows old, so only a notice can end it.
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: TIMERS });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  async function untilRefused(client: HttpClient, target: string, status = 401): Promise<void> {
    while ((await client.get(target)).status !== status);
    client.close();
  }

  it('about members ends what is remembered of them', async () => {
    const user = await harness.user({ [project.id]: ROLE.guest });
    const client = new HttpClient(port, user.basic);
    expect((await client.get(path)).status).toBe(404);
    await harness.database.rows('DELETE FROM project_member WHERE entity_id = $1', [user.id]);
    expect((await client.get(path)).status).toBe(404);
    bus.notify(MembershipChanged, { projectId: project.id, accountId: user.id });
    await untilRefused(client, path);
  });

  it('about an account ends its credentials', async () => {
    const user = await harness.user({ [project.id]: ROLE.guest });
    const client = new HttpClient(port, await harness.token(user, 'repository:team/app:pull'));
    expect((await client.get(path)).status).toBe(404);
    await harness.database.rows('UPDATE account SET incarnation = uuidv7() WHERE id = $1', [user.id]);
    expect((await client.get(path)).status).toBe(404);
    bus.notify(AccountChanged, { accountId: user.id });
    await untilRefused(client, path);
  });

  it('about a project ends what is remembered of it', async () => {
    const { basic } = await harness.user();
    const open = await harness.project('opened', { isPublic: true });
    const stranger = new HttpClient(port, basic);
    const tags = '/v2/opened/app/tags/list';
    expect((await stranger.get(tags)).status).toBe(404);
    await harness.database.rows('UPDATE project SET is_public = false WHERE id = $1', [open.id]);
    expect((await stranger.get(tags)).status).toBe(404);
    bus.notify(ProjectChanged, { name: 'opened', projectId: open.id });
    await untilRefused(stranger, tags);
  });

  it('about scanners and allowlists ends what is remembered of findings', async () => {
    const findings = new Findings(harness.database);
    const scanner = await findings.scanner('first', { isDefault: true });
    const metadata = { prevent_vul: 'true', severity: 'high', reuse_sys_cve_allowlist: 'false' };
    const guarded = await harness.project('guarded', { metadata });
    const client = new HttpClient(port, harness.admin.basic);
    await findings.report(await client.pushArtifact('guarded/app', 'v1', manifestOf()), scanner, ['CVE-1', 'High']);
    await harness.database.rows(`INSERT INTO project_cve_allowlist (project_id, cve_ids) VALUES ($1, '{CVE-1}')`, [
      guarded.id,
    ]);
    const manifest = '/v2/guarded/app/manifests/v1';
    expect((await client.get(manifest)).status).toBe(200);
    await harness.database.rows('DELETE FROM project_cve_allowlist WHERE project_id = $1', [guarded.id]);
    expect((await client.get(manifest)).status).toBe(200);
    bus.notify(ScanPolicyChanged, { projectId: guarded.id });
    await untilRefused(client, manifest, 412);
  });
});

/** All but the clocks, `Date` and `performance`. */
const TIMERS = [
  ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const),
  ...(['nextTick', 'queueMicrotask', 'hrtime'] as const),
];

describeWithNats('without NATS', () => {
  it('pushes and pulls go on, and the process stays ready and says what is failing', async () => {
    const nats = await startTestNatsServer();
    const url = nats.url;
    const user = await harness.user({ [project.id]: ROLE.developer });
    const client = new HttpClient(await harness.start({ environment: { BREAKWATER_NATS_URL: url } }), user.basic);
    await nats.stop('SIGKILL');
    await client.pushArtifact('team/app', 'v1');
    expect((await client.get(path)).status).toBe(200);
    await eventually(async () => {
      const ready = await client.get('/healthz/ready');
      expect([ready.status, ready.json<{ failing: string[] }>().failing]).toEqual([200, []]);
    });
    const waiting = await harness.database.rows('SELECT FROM outbox_event');
    expect(waiting.length).toBeGreaterThan(0);
    client.close();
  });
});

describe('without a NATS at all', () => {
  it('what was remembered is believed for two seconds and no longer', async () => {
    const user = await harness.user({ [project.id]: ROLE.guest });
    const client = new HttpClient(await harness.start(), user.basic);
    const tags = '/v2/team/nothing/tags/list';
    expect((await client.get(tags)).status).toBe(404);
    await harness.database.rows('DELETE FROM project_member WHERE entity_id = $1', [user.id]);
    await holdsWithin(2_500, async () => (await client.get(tags)).status === 401);
    client.close();
  });
});
