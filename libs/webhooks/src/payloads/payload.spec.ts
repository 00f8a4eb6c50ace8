import type { Digest, RepositoryName, Tag } from '@breakwater/oci';
import { describe, expect, it } from '@jest/globals';
import type { WebhookEvent } from '../events/webhook-event.js';
import { contentTypeOf, payloadOf } from './payload.js';

const DIGEST = `sha256:${'ab'.repeat(32)}` as Digest;
const EVENT: WebhookEvent = {
  key: 'k',
  eventId: 'e',
  projectId: 3,
  type: 'SCANNING_COMPLETED',
  occurredAt: new Date('2026-09-21T10:00:01.500Z'),
  operator: 'ci <b> & *co*',
  repository: 'team/tools/app' as RepositoryName,
  isRepositoryDated: true,
  resources: [
    {
      digest: DIGEST,
      tag: '1.0' as Tag,
      shownTag: '1.0',
      scanOverview: { mime: { severity: 'High', note: 'a ``` fence & <more>' } },
      sbomOverview: null,
    },
  ],
  scanType: 'vulnerability',
  customAttributes: null,
};
const SCENE = { projectName: 'team', isProjectPublic: true, repositoryCreatedAt: null, registryHost: 'reg.example' };
const TO = { policyId: 8, deliveryUid: 'uid', payloadFormat: null } as const;

interface Slack {
  readonly blocks: readonly { readonly text: { readonly text: string } }[];
}

describe('payloadOf', () => {
  it('leaves out what is not known', () => {
    const scene = { ...SCENE, registryHost: null };
    const text = payloadOf(EVENT, scene, { ...TO, targetType: 'http', payloadFormat: 'Default' });
    const { event_data: data } = JSON.parse(text) as { event_data: { resources: object[]; repository: object } };
    expect(Object.keys(data.resources[0] ?? {})).toEqual(['digest', 'tag', 'scan_overview']);
    expect(data.repository).toEqual({
      name: 'tools/app',
      namespace: 'team',
      repo_full_name: 'team/tools/app',
      repo_type: 'public',
    });
  });

  it('makes five blocks for Slack, in which nothing is markup by chance', () => {
    const { blocks } = JSON.parse(payloadOf(EVENT, SCENE, { ...TO, targetType: 'slack' })) as Slack;
    const texts = blocks.map(({ text }) => text.text);
    expect(texts.slice(1, 4)).toEqual([
      '*event_type:* SCANNING_COMPLETED',
      '*occur_at:* <!date^1789984801^{date_num} {time_secs}|2026-09-21T10:00:01.500Z>',
      '*operator:* ci &lt;b&gt; &amp; *co*',
    ]);
    expect(texts[4]?.match(/```/g)).toHaveLength(2);
    expect(texts[4]).toContain('&amp; &lt;more&gt;');
  });

  it('keeps a Slack section below what Slack takes', () => {
    const [resource] = EVENT.resources;
    const scanOverview = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`key${index}`, '<&>']));
    const large = { ...EVENT, resources: resource ? [{ ...resource, scanOverview }] : [] };
    const { blocks } = JSON.parse(payloadOf(large, SCENE, { ...TO, targetType: 'slack' })) as Slack;
    expect(blocks[4]?.text.text.length).toBeLessThanOrEqual(3_000);
    expect(blocks[4]?.text.text).toMatch(/\n…```$/);
  });

  it('makes a card for Teams, with the severity', () => {
    const card = JSON.parse(payloadOf(EVENT, SCENE, { ...TO, targetType: 'teams' })) as object;
    expect(card).toMatchObject({
      type: 'message',
      attachments: [
        {
          content: {
            type: 'AdaptiveCard',
            body: [
              { type: 'TextBlock', text: 'A scan is complete' },
              {
                type: 'FactSet',
                facts: expect.arrayContaining([
                  { title: 'Artifact', value: 'reg.example/team/tools/app:1.0' },
                  { title: 'By', value: 'ci \\<b\\> & \\*co\\*' },
                  { title: 'Severity', value: 'High' },
                ]),
              },
            ],
          },
        },
      ],
    });
  });

  it('has a content type of its own for CloudEvents only', () => {
    expect(contentTypeOf('http', 'CloudEvents')).toBe('application/cloudevents+json');
    expect(contentTypeOf('http', 'Default')).toBe('application/json');
    expect(contentTypeOf('teams', null)).toBe('application/json');
  });
});
