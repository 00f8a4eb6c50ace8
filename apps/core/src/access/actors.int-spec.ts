import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readHarborOperations } from '../contract/harbor-operations.js';
import type { Fields } from '../contract/operation-shape.js';
import { undocumented } from '../contract/undocumented.js';
import {
  ACTOR_KINDS,
  expectedOutcome,
  type ActorKind,
  type Outcome,
  type Target,
} from '../testing/actors/actor-kinds.js';
import { prepare, readServedOperations, send, type ServedOperation } from '../testing/actors/ask.js';
import { OPERATION_ACCESS, type ExpectedAccess } from '../testing/actors/operation-access.js';
import type { OperationRequest } from '../testing/actors/operation-requests.js';
import { createWorld, type World } from '../testing/actors/world.js';
import type { Answer } from '../testing/caller.js';

// Every operation as every kind of somebody, walked from the routes: an operation that is added is tried as well.

const served = await readServedOperations();
const known = served.flatMap((operation) => {
  const access = OPERATION_ACCESS[operation.id];
  return access === undefined ? [] : [{ ...operation, access }];
});
const ofProjects = known.filter(({ access }) => access.to === 'permission' && access.on === 'project');

describe('the table of operations', () => {
  it('has a row for every operation that is served: testing/actors/operation-access.ts', () => {
    expect(served.filter(({ id }) => OPERATION_ACCESS[id] === undefined).map(({ id }) => id)).toEqual([]);
  });

  it('has no row for what is no operation', () => {
    const operations = [...readHarborOperations().map(({ operationId }) => operationId), ...served.map(({ id }) => id)];
    expect(Object.keys(OPERATION_ACCESS).filter((id) => !operations.includes(id))).toEqual([]);
  });
});

describe('every operation as everybody', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.close());

  for (const { access, ...operation } of known) {
    for (const target of targetsOf(access)) {
      it.each(actorsOn(target))(`${operation.id}${target === 'system' ? '' : ` (${target})`} as %s`, async (kind) => {
        const outcome = expectedOutcome(access, kind, target);
        const request = await prepare(world, operation, kind, target);
        const eventsBefore = await world.countEvents();
        const answer = await send(world, operation, request, kind, target);
        expectOutcome(answer, outcome, request);
        const documented = documentedBody(operation, answer.status);
        // A text can be JSON, which the caller has read already.
        const body = documented?.get('')?.type === 'string' ? answer.text : answer.body;
        expect(undocumented(body, documented)).toEqual([]);
        // A refusal has changed nothing.
        if (outcome !== 'allowed') expect(await world.countEvents()).toBe(eventsBefore);
      });
    }
  }

  it.each(ofProjects)('$id tells only an administrator that there is no such project', async (operation) => {
    const request = await prepare(world, operation, 'systemAdmin', 'private');
    const statusFor = async (kind: ActorKind): Promise<number> =>
      (await send(world, operation, request, kind, 'private', 'no-such-project')).status;
    expect(await statusFor('anonymous')).toBe(401);
    expect(await statusFor('stranger')).toBe(403);
    expect(await statusFor('systemAdmin')).toBe(404);
  });

  // The name of a project's setting names nothing that another could have instead.
  const withIds = ofProjects.filter(({ path }) => /\{project_name(?:_or_id)?\}(?!.*\{meta_name\}).*\{/.test(path));
  it.each(withIds)('$id reaches nothing of a project through another one', async (operation) => {
    const request = await prepare(world, operation, 'systemAdmin', 'private');
    const eventsBefore = await world.countEvents();
    const { name } = world.projects.elsewhere;
    const { status } = await send(world, operation, request, 'adminElsewhere', 'private', name);
    expect(status).toBe(request.elsewhere ?? 404);
    expect(await world.countEvents()).toBe(eventsBefore);
  });
});

function targetsOf(access: ExpectedAccess): Target[] {
  if (access.to !== 'permission') return ['system'];
  if (access.on !== 'system') return ['private', 'public'];
  return access.orSelf ? ['system', 'self'] : ['system'];
}

/** Nobody has no account of their own to look at. */
function actorsOn(target: Target): ActorKind[] {
  return ACTOR_KINDS.filter((kind) => target !== 'self' || kind !== 'anonymous');
}

const STATUS = { unauthenticated: 401, forbidden: 403 } as const;

function expectOutcome({ status, text }: Answer, outcome: Outcome, { succeedsWith }: OperationRequest): void {
  const told = { status, text: status < 300 ? '' : text };
  if (outcome !== 'allowed') expect(told).toMatchObject({ status: STATUS[outcome] });
  else if (succeedsWith !== undefined) expect(told).toMatchObject({ status: succeedsWith });
  else expect(told).toEqual({ status: expect.any(Number), text: '' });
}

/** Where Harbor's document gives a failure no body it has one all the same, the same as every failure. */
function documentedBody({ method, responses }: ServedOperation, status: number): Fields | null {
  if (method === 'HEAD') return null;
  const documented = responses.get(`${status}`);
  return documented?.body ?? (status >= 400 && documented !== undefined ? (responses.get('500')?.body ?? null) : null);
}
