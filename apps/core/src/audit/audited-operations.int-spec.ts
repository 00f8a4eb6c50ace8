import { RepositoryName, Tag } from '@breakwater/oci';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { prepare, readServedOperations, send, type ServedOperation } from '../testing/actors/ask.js';
import type { ActorKind } from '../testing/actors/actor-kinds.js';
import type { OperationRequest } from '../testing/actors/operation-requests.js';
import { createWorld, type World } from '../testing/actors/world.js';
import { AUDITED_OPERATIONS } from './audited-operations.js';

const served = await readServedOperations();
const changing = served.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
const audited = changing.filter(({ id }) => AUDITED_OPERATIONS[id] !== null);

describe('the table of audited operations', () => {
  it('has a row for every operation that changes something: audit/audited-operations.ts', () => {
    expect(changing.filter(({ id }) => AUDITED_OPERATIONS[id] === undefined).map(({ id }) => id)).toEqual([]);
  });

  it('has no row for what is no such operation', () => {
    const ids = changing.map(({ id }) => id);
    expect(Object.keys(AUDITED_OPERATIONS).filter((id) => !ids.includes(id))).toEqual([]);
  });
});

describe('an operation that changes something', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.close());

  it.each(audited)('$id has a row of who did it', async (operation) => {
    const request = { ...(await prepare(world, operation, 'systemAdmin', 'private')), ...EFFECTIVE[operation.id] };
    await BEFORE[operation.id]?.(world, request);
    const { status, text, rows } = await rowsOf(operation, request, 'systemAdmin');
    expect({ status, text: status < 300 ? '' : text }).toEqual({ status: expect.any(Number), text: '' });
    const by = { username: 'the-systemAdmin', isSuccess: true };
    const type = SUCCEEDS_AS[operation.id] ?? AUDITED_OPERATIONS[operation.id];
    expect(rows).toContainEqual(expect.objectContaining({ ...by, type }));
  });

  it.each(audited)('$id has a row of who tried it in vain', async (operation) => {
    const request = await prepare(world, operation, 'stranger', 'private');
    const { status, rows } = await rowsOf(operation, request, 'stranger');
    // Everybody may make a project: theirs fails by its name.
    if (operation.id === 'createProject') expect(status).toBeLessThan(300);
    else
      expect(rows).toEqual([
        expect.objectContaining({
          type: AUDITED_OPERATIONS[operation.id],
          username: 'the-stranger',
          isSuccess: false,
          projectId: operation.path.includes('{project_name') ? expect.any(Number) : null,
          description: expect.stringContaining('failed: 403 forbidden'),
        }),
      ]);
  });

  it('that failed names what it was about as the path does', async () => {
    const { name } = world.projects.private;
    const stranger = world.caller('stranger');
    const artifact = `/api/v2.0/projects/${name}/repositories/a%252Fb/artifacts`;
    await stranger.send('DELETE', `${artifact}/v1`);
    await stranger.send('DELETE', `${artifact}/v1/tags/v2`);
    await stranger.send('DELETE', `/api/v2.0/projects/${name}/members/7`);
    await stranger.send('DELETE', `/api/v2.0/projects/no-such`);
    await stranger.send('DELETE', '/api/v2.0/users/5');
    await stranger.send('POST', '/api/v2.0/users', {});
    expect((await takeRows(world)).map(({ resource }) => resource)).toEqual([
      `${name}/a/b:v1`,
      `${name}/a/b:v2`,
      '#7',
      'no-such',
      '#5',
      'user',
    ]);
  });

  it('that failed is not written down of nobody', async () => {
    await world.caller('anonymous').send('DELETE', `/api/v2.0/projects/${world.projects.public.name}`);
    expect(await takeRows(world)).toEqual([]);
  });

  async function rowsOf(operation: ServedOperation, request: OperationRequest, actor: ActorKind) {
    await takeRows(world);
    const { status, text } = await send(world, operation, request, actor, 'private');
    return { status, text, rows: await takeRows(world) };
  }
});

describe('secrets', () => {
  const CANARY = 'Canary-in-the-mine-1';
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.close());

  it('are in no row and in no event, whichever field they came in', async () => {
    const admin = world.caller('systemAdmin');
    const { url } = await world.freshScanner();
    const { id } = await world.freshUser();
    const webhooks = `/api/v2.0/projects/${world.projects.private.name}/webhook/policies`;
    const target = { type: 'http', address: 'https://ci.example.com', auth_header: CANARY, signing_secret: CANARY };
    const policy = { name: 'canary', enabled: true, event_types: ['PUSH_ARTIFACT'], targets: [target] };
    const scanner = { name: 'canary', url: `${url}canary`, auth: 'Bearer', access_credential: CANARY };
    const user = { username: 'canary', email: 'canary@example.com', realname: 'Canary', password: CANARY };
    const statuses: number[] = [];
    const ask = async (method: 'POST' | 'PUT' | 'DELETE', path: string, body: object): Promise<void> => {
      statuses.push((await admin.send(method, path, body)).status);
    };
    await ask('POST', '/api/v2.0/users', user);
    await ask('POST', '/api/v2.0/users', user);
    await ask('PUT', `/api/v2.0/users/${id}/password`, { new_password: CANARY });
    await ask('PUT', '/api/v2.0/users/999999/password', { new_password: CANARY });
    await ask('POST', webhooks, policy);
    await ask('POST', webhooks, policy);
    await ask('POST', '/api/v2.0/scanners', scanner);
    await ask('POST', '/api/v2.0/scanners', { ...scanner, url: CANARY });
    expect(statuses).toEqual([201, 409, 200, 404, 201, 409, 201, 400]);
    await world.core.services.auditLog.close();
    for (const table of ['audit_log', 'outbox_event']) {
      const rows = await world.core.services.database.rows<{ row: string }>(
        `SELECT ${table}::text AS row FROM ${table}`,
      );
      expect(rows.length).toBeGreaterThan(5);
      expect(rows.filter(({ row }) => row.includes(CANARY))).toEqual([]);
    }
  });
});

/** Where the request of the actors' test is one that has nothing to do. */
const EFFECTIVE: Readonly<Record<string, OperationRequest>> = {
  stopRunningJob: { parameters: { job_id: 'all' } },
  setScannerAsDefault: { body: { is_default: true } },
  createScanAllSchedule: { body: { schedule: { type: 'Manual' } } },
};

/** As what it succeeds, where that depends on what is asked for. */
const SUCCEEDS_AS: Readonly<Record<string, string>> = {
  createScanAllSchedule: 'create_scan',
  actionPendingJobs: 'resume_queue',
};

/** What must be there for it to succeed. */
const BEFORE: Readonly<Record<string, (world: World, request: OperationRequest) => Promise<unknown>>> = {
  stopScanArtifact: ({ projects, core }, { parameters = {} }) => {
    const { id: projectId, name: project } = projects.private;
    const name = RepositoryName.parse(`${project}/${String(parameters['repository_name'])}`);
    const reference = { kind: 'tag', tag: Tag.parse(String(parameters['reference'])) } as const;
    const asked = { by: 'setup', trigger: 'MANUAL', reference } as const;
    return core.services.scans.scans.scan({ projectId, name }, 'vulnerability', asked);
  },
};

interface Row {
  readonly type: string;
  readonly username: string;
  readonly resource: string;
  readonly description: string;
  readonly isSuccess: boolean;
  readonly projectId: number | null;
}

/** Those since it was called last, without sign-ins. */
async function takeRows({ core }: World): Promise<Row[]> {
  // Once the answers are out, what failed is noted in the next turns.
  await new Promise((resolve) => setImmediate(resolve));
  await core.services.auditLog.close();
  const { database } = core.services;
  const rows = await database.rows<Row & { id: string }>(
    `SELECT id, operation || '_' || resource_type AS type, username, resource, description, is_success AS "isSuccess",
            project_id AS "projectId"
       FROM audit_log WHERE operation <> 'login' ORDER BY id`,
  );
  await database.rows('TRUNCATE audit_log');
  return rows.map(({ id: _, ...row }) => row);
}
