import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANONYMOUS, type UserActor } from '@breakwater/rbac';
import {
  actorFor,
  aUser,
  createTestWorld,
  INSTALLER,
  type Instance,
  type TestWorld,
} from '../testing/test-accounts.js';

const ALL = { limit: null, offset: 0 };

describe('members of projects', () => {
  let world: TestWorld;
  let one: Instance;
  let other: Instance;
  let admin: UserActor;
  let projects = 0;

  beforeAll(async () => {
    world = await createTestWorld();
    [one, other] = await Promise.all([world.open(), world.open()]);
    await one.accounts.ensureFirstAdmin({ password: 'First-admin-1' });
    admin = await actorFor(one, 1);
  });
  afterAll(() => world.close());

  const aProject = async (isPublic = false) => (await world.addProject(`project${++projects}`, isPublic)).id;

  describe('MemberService', () => {
    it('adds by id and by name, and tells of it', async () => {
      const project = await aProject();
      const [carla, bea] = [await aUser(one, { username: 'carla' }), await aUser(one, { username: 'bea' })];
      one.notices.length = 0;
      const id = await one.members.add(admin, project, { userId: carla.id, roleId: 4 });
      await one.members.add(admin, project, { username: 'bea', roleId: 3 });
      expect(one.notices).toEqual([`members ${project}`, `members ${project}`]);
      expect((await world.events()).at(-2)).toMatchObject({
        subject: 'events.accounts.member-added.v1',
        payload: {
          memberId: id,
          projectId: project,
          entityType: 'user',
          entityId: carla.id,
          entityName: 'carla',
          roleId: 4,
          by: 'admin',
        },
      });
      const { items, total } = await other.members.list(project, ALL);
      expect(
        items.map(({ entityName, entityId, entityType, roleId }) => [entityName, entityId, entityType, roleId]),
      ).toEqual([
        ['bea', bea.id, 'u', 3],
        ['carla', carla.id, 'u', 4],
      ]);
      expect(total).toBe(2);
      expect(await other.members.get(project, id)).toMatchObject({ id, projectId: project, entityName: 'carla' });
      expect(await other.members.countByRole(project)).toEqual(
        new Map([
          [3, 1],
          [4, 1],
        ]),
      );
    });

    it('lists by page, and by exact name', async () => {
      const project = await aProject();
      for (const username of ['m-a', 'm-b', 'm-bb']) {
        await one.members.add(admin, project, { userId: (await aUser(one, { username })).id, roleId: 2 });
      }
      const names = async (query: object) =>
        (await one.members.list(project, { ...ALL, ...query })).items.map(({ entityName }) => entityName);
      expect(await names({ limit: 2, offset: 1 })).toEqual(['m-b', 'm-bb']);
      expect(await names({ entityName: 'm-b' })).toEqual(['m-b']);
      expect(await names({ entityName: 'm' })).toEqual([]);
    });

    it('prefers the id to the name, as Harbor does', async () => {
      const project = await aProject();
      const account = await aUser(one);
      await one.members.add(admin, project, { userId: account.id, username: 'bea', roleId: 1 });
      expect((await one.members.list(project, ALL)).items).toMatchObject([{ entityId: account.id }]);
    });

    it.each([
      [{ username: 'bea', roleId: 0 }, 'INVALID_ROLE', 'invalid'],
      [{ username: 'bea', roleId: 6 }, 'INVALID_ROLE', 'invalid'],
      [{ username: 'bea', roleId: 1.5 }, 'INVALID_ROLE', 'invalid'],
      [{ roleId: 1 }, 'INVALID_MEMBER', 'invalid'],
      [{ userId: 9999, roleId: 1 }, 'INVALID_MEMBER', 'invalid'],
      [{ userId: 2 ** 40, roleId: 1 }, 'INVALID_MEMBER', 'invalid'],
      [{ username: 'nobody', roleId: 1 }, 'USER_NOT_FOUND', 'not-found'],
    ])('refuses %j', async (member, code, kind) => {
      await expect(one.members.add(admin, await aProject(), member)).rejects.toMatchObject({ code, kind });
    });

    it('refuses who is a member already, also when both come at once', async () => {
      const project = await aProject();
      const { id } = await aUser(one);
      const outcomes = await Promise.allSettled(
        [one, other].map((instance) => instance.members.add(admin, project, { userId: id, roleId: 2 })),
      );
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'MEMBER_CONFLICT', kind: 'conflict' },
      });
      expect((await one.members.list(project, ALL)).total).toBe(1);
    });

    it('never adds an account that is being deleted', async () => {
      for (let round = 0; round < 5; round++) {
        const project = await aProject();
        const { id } = await aUser(one);
        await Promise.allSettled([
          one.members.add(admin, project, { userId: id, roleId: 2 }),
          other.accounts.delete(INSTALLER, id),
        ]);
        const rows = await world.database.rows('SELECT 1 FROM project_member WHERE project_id = $1', [project]);
        expect(rows).toEqual([]);
      }
    });

    it('changes a role', async () => {
      const project = await aProject();
      const id = await one.members.add(admin, project, { userId: (await aUser(one)).id, roleId: 2 });
      await one.members.setRole(admin, project, id, 5);
      expect(await other.members.get(project, id)).toMatchObject({ roleId: 5 });
      await expect(one.members.setRole(admin, project, id, 9)).rejects.toMatchObject({ code: 'INVALID_ROLE' });
    });

    it('reaches a member through its own project only', async () => {
      const [mine, theirs] = [await aProject(), await aProject()];
      const id = await one.members.add(admin, theirs, { userId: (await aUser(one)).id, roleId: 2 });
      const missing = { code: 'MEMBER_NOT_FOUND', kind: 'not-found' };
      await expect(one.members.get(mine, id)).rejects.toMatchObject(missing);
      await expect(one.members.setRole(admin, mine, id, 1)).rejects.toMatchObject(missing);
      await expect(one.members.remove(admin, mine, id)).rejects.toMatchObject(missing);
      expect(await one.members.get(theirs, id)).toMatchObject({ roleId: 2 });
    });

    it('removes, and the project takes its members along', async () => {
      const project = await aProject();
      const [first, second] = [await aUser(one), await aUser(one)];
      const id = await one.members.add(admin, project, { userId: first.id, roleId: 1 });
      await one.members.add(admin, project, { userId: second.id, roleId: 1 });
      await one.members.remove(admin, project, id);
      expect((await one.members.list(project, ALL)).total).toBe(1);
      await world.database.rows('DELETE FROM project WHERE id = $1', [project]);
      expect((await one.members.list(project, ALL)).total).toBe(0);
      await expect(one.members.add(admin, project, { userId: first.id, roleId: 1 })).rejects.toMatchObject({
        kind: 'not-found',
      });
    });

    it('makes the creator of a project its administrator in the same transaction', async () => {
      const { id } = await aUser(one);
      const insert = `INSERT INTO project (name, owner_id) VALUES ('created', $1) RETURNING id`;
      const projectId = await one.database.unitOfWork.run(async (tx) => {
        const [project] = await tx.rows<{ id: number }>(insert, [id]);
        await one.members.addCreator(tx, project?.id ?? 0, id);
        return project?.id ?? 0;
      });
      expect((await other.members.list(projectId, ALL)).items).toMatchObject([{ entityId: id, roleId: 1 }]);
    });
  });

  describe('MembershipLookup', () => {
    it('follows a change at once where it is told, and within 2 s where it is not', async () => {
      const project = await aProject();
      const actor = await actorFor(one, (await aUser(one)).id);
      const deaf = await world.open();
      const roles = () =>
        Promise.all([one, other, deaf].map((instance) => instance.memberships.rolesOf(actor, project)));
      expect(await roles()).toEqual([[], [], []]);

      const id = await one.members.add(admin, project, { userId: actor.accountId, roleId: 2 });
      other.onNotice.membersChanged([project]);
      expect(await roles()).toEqual([[2], [2], []]);
      deaf.clock.advance(2_000);
      expect(await roles()).toEqual([[2], [2], [2]]);

      await one.members.setRole(admin, project, id, 4);
      other.forgetAll();
      expect(await roles()).toEqual([[4], [4], [2]]);

      await one.members.remove(admin, project, id);
      other.onNotice.membersChanged([project]);
      deaf.clock.advance(2_000);
      expect(await roles()).toEqual([[], [], []]);
    });

    it('asks once for all decisions that are made together', async () => {
      const actor = await actorFor(one, (await aUser(one)).id);
      const fresh = await world.open();
      const ids = await Promise.all(Array.from({ length: 10 }, () => aProject()));
      for (const project of ids.slice(0, 5))
        await one.members.add(admin, project, { userId: actor.accountId, roleId: 3 });
      const roles = await Promise.all([...ids, ...ids].map((project) => fresh.memberships.rolesOf(actor, project)));
      expect(roles).toEqual([...ids, ...ids].map((project) => (ids.indexOf(project) < 5 ? [3] : [])));
      await fresh.database.close();
      expect(await fresh.memberships.rolesOf(actor, ids[0] ?? 0)).toEqual([3]);
    });

    it('knows no roles of robots and of nobody', async () => {
      const project = await aProject(true);
      expect(await one.memberships.rolesOf(ANONYMOUS, project)).toEqual([]);
      expect(await one.memberships.rolesIn(ANONYMOUS, [project])).toEqual(new Map());
    });

    it('tells roles for a page of projects, and which projects a list may draw from', async () => {
      const [mine, secret, open] = [await aProject(), await aProject(), await aProject(true)];
      const actor = await actorFor(one, (await aUser(one)).id);
      await one.members.add(admin, mine, { userId: actor.accountId, roleId: 5 });
      expect(await one.memberships.rolesIn(actor, [mine, secret, open])).toEqual(new Map([[mine, [5]]]));
      expect(await one.memberships.memberProjectIds(actor)).toEqual([mine]);
      const readable = await one.memberships.readableProjectIds(actor);
      expect(readable).toMatchObject({ projectIds: expect.arrayContaining([mine, open]) });
      expect(readable).not.toMatchObject({ projectIds: expect.arrayContaining([secret]) });
      const anonymous = await one.memberships.readableProjectIds(ANONYMOUS);
      expect(anonymous).toMatchObject({ projectIds: expect.not.arrayContaining([mine]) });
      expect(await one.memberships.readableProjectIds(admin)).toEqual({ all: true });
    });
  });
});
