import {
  ArtifactDeletedV1,
  ArtifactPulledV1,
  ArtifactPushedV1,
  ScanFinishedV1,
  TagCreatedV1,
} from '@breakwater/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { WebhookDispatch } from '../create-webhooks.js';
import { aPush, anEvent, createWebhookWorld, DIGEST, type WebhookWorld } from '../testing/webhook-world.js';

const EVERYTHING = [
  'PUSH_ARTIFACT',
  'PULL_ARTIFACT',
  'DELETE_ARTIFACT',
  'SCANNING_COMPLETED',
  'SCANNING_FAILED',
  'SCANNING_STOPPED',
];
const CREATED = new Date('2026-05-28T20:26:40.000Z');
const REPOSITORY = { name: 'app', repo_type: 'private', date_created: 1_780_000_000 };

let world: WebhookWorld;
let one: WebhookDispatch;
let other: WebhookDispatch;
let project: { id: number; name: string };
let count = 0;

beforeAll(async () => {
  world = await createWebhookWorld();
  // Neither dispatches: what is asked here is what they would send.
  [one, other] = [await world.dispatch(), await world.dispatch()];
});
afterAll(() => world.close());
beforeEach(async () => {
  const name = `team-${++count}`;
  project = { id: await world.addProject(name), name };
  await world.addRepository(project.id, `${name}/app`, CREATED);
});

const bodies = async (policyId: number): Promise<unknown[]> =>
  (await world.history(project.id, policyId)).map(({ body }) => JSON.parse(body) as unknown).reverse();
const app = (): string => `${project.name}/app`;
const repository = (): object => ({ ...REPOSITORY, namespace: project.name, repo_full_name: app() });

describe('DeliveryIntake', () => {
  it("makes Harbor's messages of pushes, pulls and deletes", async () => {
    const policy = await world.addPolicy(project.id, { eventTypes: EVERYTHING }, {});
    const push = { ...aPush(project.id, app()), tags: ['1.0', 'latest'] };
    await one.intake.handle(anEvent(ArtifactPushedV1, push));
    await one.intake.handle(anEvent(ArtifactPushedV1, { ...push, tags: [] }));
    const pulls = { projectId: project.id, repository: app(), digest: DIGEST, lastPulledAt: '2026-09-21T10:00:02.9Z' };
    await one.intake.handle(
      anEvent(ArtifactPulledV1, {
        pulls: [
          { ...pulls, tag: '1.0', by: 'anonymous', count: 41 },
          { ...pulls, tag: null, by: 'ci', count: 1 },
        ],
      }),
    );
    await one.intake.handle(
      anEvent(ArtifactDeletedV1, { projectId: project.id, repository: app(), digest: DIGEST, tags: ['2.0', '3.0'] }),
    );

    const tagged = (tag: string) => ({ digest: DIGEST, tag, resource_url: `reg.example/${app()}:${tag}` });
    const untagged = { digest: DIGEST, tag: DIGEST, resource_url: `reg.example/${app()}@${DIGEST}` };
    const at = 1_789_984_801;
    const message = (type: string, resources: object[], rest: object = {}, told: object = {}) => ({
      type,
      occur_at: at,
      operator: 'ci',
      event_data: { resources, repository: repository(), ...rest },
      ...told,
    });
    expect(await bodies(policy)).toEqual([
      message('PUSH_ARTIFACT', [tagged('1.0'), tagged('latest')]),
      message('PUSH_ARTIFACT', [untagged]),
      message(
        'PULL_ARTIFACT',
        [tagged('1.0')],
        { custom_attributes: { pull_count: '41' } },
        { operator: 'anonymous', occur_at: at + 1 },
      ),
      message('PULL_ARTIFACT', [untagged], {}, { occur_at: at + 1 }),
      message('DELETE_ARTIFACT', [tagged('2.0')]),
    ]);
  });

  it('makes messages of scans, with what the scanner found', async () => {
    const policy = await world.addPolicy(project.id, { eventTypes: EVERYTHING }, {});
    const overview = { 'application/vnd.security.vulnerability.report; version=1.1': { severity: 'High' } };
    const scanner = { name: 'Test', vendor: 'Us', version: '1' };
    const scan = { projectId: project.id, repository: app(), digest: DIGEST, tag: '1.0', overview, scanner };
    await one.intake.handle(anEvent(ScanFinishedV1, { ...scan, scanType: 'vulnerability', status: 'Success' }));
    await one.intake.handle(anEvent(ScanFinishedV1, { ...scan, tag: null, scanType: 'sbom', status: 'Error' }));
    await one.intake.handle(anEvent(ScanFinishedV1, { ...scan, scanType: 'vulnerability', status: 'Stopped' }));
    expect(await bodies(policy)).toMatchObject([
      {
        type: 'SCANNING_COMPLETED',
        event_data: {
          resources: [
            { digest: DIGEST, tag: '1.0', resource_url: `reg.example/${app()}:1.0`, scan_overview: overview },
          ],
          scan: { scan_type: 'vulnerability' },
        },
      },
      {
        type: 'SCANNING_FAILED',
        event_data: {
          resources: [{ digest: DIGEST, resource_url: `reg.example/${app()}@${DIGEST}`, sbom_overview: overview }],
          scan: { scan_type: 'sbom' },
        },
      },
      { type: 'SCANNING_STOPPED' },
    ]);
    const texts = (await bodies(policy)).map((body) => JSON.stringify(body));
    expect(texts[1]).not.toContain('"tag"');
    expect(texts.filter((text) => text.includes('date_created'))).toEqual([]);
  });

  it('makes each target its own form', async () => {
    const [http, slack, teams] = [{ payloadFormat: 'CloudEvents' }, { type: 'slack' }, { type: 'teams' }];
    const policy = await world.addPolicy(project.id, {}, http, slack, teams);
    const event = anEvent(ArtifactPushedV1, aPush(project.id, app()), '0f8e9d5a-0000-4000-8000-000000000001');
    await one.intake.handle(event);
    const made = (await world.history(project.id, policy)).reverse();
    expect(JSON.parse(made[0]?.body ?? '')).toEqual({
      specversion: '1.0',
      id: made[0]?.uid,
      source: `/projects/${project.id}/webhook/policies/${policy}`,
      type: 'harbor.artifact.pushed',
      datacontenttype: 'application/json',
      time: '2026-09-21T10:00:01Z',
      requestid: '0f8e9d5a-0000-4000-8000-000000000001',
      operator: 'ci',
      data: {
        resources: [{ digest: DIGEST, tag: '1.0', resource_url: `reg.example/${app()}:1.0` }],
        repository: repository(),
      },
    });
    expect(JSON.parse(made[1]?.body ?? '')).toMatchObject({ blocks: [{}, {}, {}, {}, {}] });
    expect(JSON.parse(made[2]?.body ?? '')).toMatchObject({
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive' }],
    });
  });

  it('makes nothing twice of an event that comes twice, in whichever process', async () => {
    const policy = await world.addPolicy(project.id, {}, {}, { address: 'http://127.0.0.1:9/second' });
    const event = anEvent(ArtifactPushedV1, aPush(project.id, app()));
    await Promise.all([one, other, one, other].map(({ intake }) => intake.handle(event)));
    await one.intake.handle(event);
    expect(await world.history(project.id, policy)).toHaveLength(2);
  });

  it('tells only policies that are enabled, of this project, and want that', async () => {
    const foreign = await world.addProject(`foreign-${count}`);
    const disabled = await world.addPolicy(project.id, { isEnabled: false }, {});
    const pulls = await world.addPolicy(project.id, { eventTypes: ['PULL_ARTIFACT'] }, {});
    const elsewhere = await world.addPolicy(foreign, {}, {});
    const wanted = await world.addPolicy(project.id, {}, {});
    await one.intake.handle(anEvent(ArtifactPushedV1, aPush(project.id, app())));
    for (const policy of [disabled, pulls]) expect(await world.history(project.id, policy)).toEqual([]);
    expect(await world.history(foreign, elsewhere)).toEqual([]);
    expect(await world.history(project.id, wanted)).toHaveLength(1);
  });

  it('keeps the order of what arrives together, and says when something was told last', async () => {
    const policy = await world.addPolicy(project.id, { eventTypes: ['PUSH_ARTIFACT', 'QUOTA_WARNING'] }, {});
    const tags = Array.from({ length: 300 }, (_, index) => `v${index}`);
    await Promise.all(tags.map((tag) => one.intake.handle(anEvent(ArtifactPushedV1, aPush(project.id, app(), tag)))));
    const told = (await world.history(project.id, policy)).reverse();
    expect(told.map(({ body }) => /"tag":"(v\d+)"/.exec(body)?.[1])).toEqual(tags);
    expect(await world.policies.listLastTriggers(project.id)).toMatchObject([
      { eventType: 'PUSH_ARTIFACT', triggeredAt: expect.any(Date) },
      { eventType: 'QUOTA_WARNING', triggeredAt: null },
    ]);
  });

  it('lets pass what webhooks do not tell, and refuses what breaks its contract', async () => {
    const policy = await world.addPolicy(project.id, {}, {});
    const tag = { projectId: project.id, repository: app(), tag: 'x', digest: DIGEST };
    await one.intake.handle(anEvent(TagCreatedV1, tag));
    await one.intake.handle({ subject: 'events.of.the-future.v9', data: Buffer.from('{}') });
    await expect(
      one.intake.handle({ subject: ArtifactPushedV1.subject, data: Buffer.from('{') }),
    ).rejects.toMatchObject({ kind: 'invalid' });
    expect(await world.history(project.id, policy)).toEqual([]);
  });
});
