import {
  ArtifactDeletedV1,
  ArtifactPulledV1,
  ArtifactPushedV1,
  EVENTS,
  eventToTell,
  MemberAddedV1,
  MemberRemovedV1,
  parseEvent,
  ProjectUpdatedV1,
  TagCreatedV1,
  TagDeletedV1,
  TagMovedV1,
  UserDeletedV1,
  type EventToTell,
} from '@breakwater/contracts';
import { Digest, RepositoryName, Tag } from '@breakwater/oci';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditWorld, createAuditWorld } from '../testing/audit-world.js';
import { AUDIT_EVENT_TYPES } from './audit-entry.js';

const AT = new Date('2026-11-02T09:14:07.512Z');
const told = { by: 'carla', at: AT.toISOString() };
const repository = RepositoryName.parse('team/app');
const inTeam = { ...told, projectId: 3, repository };
const [A, B] = ['a', 'b'].map((digit) => Digest.parse(`sha256:${digit.repeat(64)}`)) as [Digest, Digest];
const tags = (...names: string[]): Tag[] => names.map((name) => Tag.parse(name));
const [V1] = tags('v1') as [Tag];

let world: AuditWorld;
beforeAll(async () => {
  world = await createAuditWorld();
});
beforeEach(async () => {
  await world.database.rows('TRUNCATE audit_log');
});
afterAll(() => world.close());

const tell = (...events: EventToTell[]) => world.database.unitOfWork.run((tx) => world.outbox.add(tx, ...events));
const push = (names: Tag[]): EventToTell =>
  eventToTell(ArtifactPushedV1, repository, {
    ...inTeam,
    digest: A,
    manifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
    tags: names,
    subjectDigest: null,
  });

const CASES: readonly (readonly [EventToTell, did: string, resource: string, description: string])[] = [
  [push([V1]), 'create artifact', 'team/app:v1', `push artifact: team/app@${A}`],
  [push([]), 'create artifact', `team/app@${A}`, `push artifact: team/app@${A}`],
  [
    eventToTell(ArtifactDeletedV1, repository, { ...inTeam, digest: A, tags: tags('v1', 'v2') }),
    'delete artifact',
    'team/app:v1',
    `delete artifact: team/app@${A} with tags v1, v2`,
  ],
  [
    eventToTell(TagCreatedV1, repository, { ...inTeam, digest: A, tag: V1 }),
    'create tag',
    'team/app:v1',
    'create tag: team/app:v1',
  ],
  [
    eventToTell(TagMovedV1, repository, { ...inTeam, tag: V1, from: A, to: B }),
    'update tag',
    'team/app:v1',
    `move tag: team/app:v1 from ${A} to ${B}`,
  ],
  [
    eventToTell(TagDeletedV1, repository, { ...inTeam, tag: V1, digest: A }),
    'delete tag',
    'team/app:v1',
    `delete tag: team/app:v1 of ${A}`,
  ],
  [
    eventToTell(ProjectUpdatedV1, 'project:3', { ...told, projectId: 3, name: 'team' }),
    'update project',
    'team',
    'update project: team',
  ],
  [
    eventToTell(MemberAddedV1, 'project:3', {
      ...told,
      projectId: 3,
      memberId: 8,
      entityType: 'user',
      entityId: 12,
      entityName: 'bob',
      roleId: 2,
    }),
    'create member',
    'bob',
    'create user member bob in project team',
  ],
];

describe('an event', () => {
  it.each(CASES)('is written down with what it tells: %#', async (event, did, resource, description) => {
    await tell(event);
    const common = { project: 3, username: 'carla', success: true, at: AT };
    expect(await world.rows()).toEqual([{ ...common, did, resource, description }]);
  });

  it('of no project belongs to the system', async () => {
    await tell(eventToTell(UserDeletedV1, 'account:7', { ...told, userId: 7, username: 'dora' }));
    expect(await world.rows()).toMatchObject([
      { project: null, did: 'delete user', resource: 'dora', description: 'delete user with name: dora' },
    ]);
  });

  it('is written down exactly when its transaction commits', async () => {
    await expect(
      world.database.unitOfWork.run(async (tx) => {
        await world.outbox.add(tx, push([V1]));
        throw new Error('storm');
      }),
    ).rejects.toThrow('storm');
    expect(await world.rows()).toEqual([]);
  });

  it('of a project that is gone names it by its id', async () => {
    const member = { memberId: 8, entityType: 'group', entityId: 2, entityName: 'devs', roleId: 2 } as const;
    await tell(eventToTell(MemberRemovedV1, 'project:9', { ...told, projectId: 9, ...member }));
    expect(await world.rows()).toMatchObject([{ description: 'delete group member devs in project #9' }]);
  });
});

describe('a push', () => {
  it('is one row with the tags that it made, and one more for each that it took from another artifact', async () => {
    await tell(
      push(tags('v1', 'latest')),
      eventToTell(TagCreatedV1, repository, { ...inTeam, digest: A, tag: V1 }),
      eventToTell(TagMovedV1, repository, { ...inTeam, tag: Tag.parse('latest'), from: B, to: A }),
    );
    expect(await world.rows()).toMatchObject([{ did: 'create artifact' }, { did: 'update tag' }]);
  });
});

describe('pulls', () => {
  it('are one row for each who pulled what by which name, at the time of the last', async () => {
    const pull = { projectId: 3, repository, digest: A, lastPulledAt: AT.toISOString() };
    const pulls = [
      { ...pull, tag: V1, by: 'robot$ci', count: 3 },
      { ...pull, tag: null, by: 'anonymous', count: 1 },
    ];
    await tell(eventToTell(ArtifactPulledV1, 'pulls', { pulls }));
    const pulled = `pull artifact: team/app@${A}`;
    const common = { project: 3, did: 'pull artifact', success: true, at: AT };
    expect(await world.rows()).toEqual([
      { ...common, username: 'robot$ci', resource: 'team/app:v1', description: `${pulled} (3 times)` },
      { ...common, username: 'anonymous', resource: `team/app@${A}`, description: pulled },
    ]);
  });
});

describe('a row', () => {
  const SECRET = 'hunter2-and-more';

  it.each(EVENTS.map(({ subject }) => subject))('of %s holds nothing that its rule does not name', async (subject) => {
    const { data } = parseEvent(subject, readFileSync(join(EXAMPLES, `${subject}.json`), 'utf8'));
    const payload = { ...data, password: SECRET, token: SECRET, detail: { secret: SECRET } };
    await tell({ subject, key: 'any', payload });
    const rows = await world.rows();
    expect(JSON.stringify(rows)).not.toContain(SECRET);
    const types = rows.map(({ did }) => String(did).replace(' ', '_'));
    expect(types.filter((type) => !(AUDIT_EVENT_TYPES as readonly string[]).includes(type))).toEqual([]);
  });

  it('of an artifact with thousands of tags names the first ones', async () => {
    const many = Array.from({ length: 3_000 }, (_, nth) => Tag.parse(`v${nth}`));
    await tell(eventToTell(ArtifactDeletedV1, repository, { ...inTeam, digest: A, tags: many }));
    const [row] = await world.rows();
    expect(row?.['description']).toMatch(/ with tags v0, .*, v19 and 2980 more$/);
  });
});

const EXAMPLES = join(import.meta.dirname, '../../../contracts/examples');
