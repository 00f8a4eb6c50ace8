import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { METADATA, startMetadataServer, type MetadataServer } from '../../testing/metadata-server.js';
import { createTestCore, type TestCore } from '../../testing/test-core.js';
import type { ScannerRegistrationResponse } from './scanner.dto.js';

const PATH = '/api/v2.0/scanners';

let core: TestCore;
let adapter: MetadataServer;
beforeAll(async () => {
  [core, adapter] = await Promise.all([createTestCore(), startMetadataServer()]);
});
afterAll(async () => {
  await core.close();
  await adapter.close();
});
beforeEach(async () => {
  adapter.answer = undefined;
  adapter.asked.length = 0;
  await core.services.database.rows('DELETE FROM scanner_registration');
});

let made = 0;
const body = (more: object = {}) => ({ name: `scanner ${++made}`, url: adapter.url(), ...more });

/** @returns its path. */
async function register(given: object): Promise<string> {
  const answer = await core.admin.post(PATH, given);
  expect([answer.status, answer.text]).toEqual([201, '']);
  return String(answer.headers['location']);
}

const errorOf = (answer: { status: number; body: unknown }): unknown => [
  answer.status,
  (answer.body as { errors: { code: string }[] }).errors[0]?.code,
];

describe('a registration', () => {
  it('is shown as Harbor shows it, never with its credential', async () => {
    const given = body({
      ...{ description: 'ours', auth: 'Basic', access_credential: 'ann:s3cret' },
      ...{ skip_certVerify: true, use_internal_addr: true },
    });
    const path = await register(given);
    expect(path).toMatch(/^\/api\/v2\.0\/scanners\/[0-9a-f-]{36}$/);
    const shown = {
      uuid: path.split('/').at(-1),
      name: given.name,
      description: 'ours',
      url: given.url,
      disabled: false,
      is_default: true,
      auth: 'Basic',
      access_credential: '',
      skip_certVerify: true,
      use_internal_addr: true,
      create_time: expect.stringMatching(/Z$/),
      update_time: expect.stringMatching(/Z$/),
      capabilities: { support_vulnerability: true, support_sbom: false },
    };
    expect((await core.admin.get(path)).body).toEqual(shown);
    expect((await core.admin.get(PATH)).body).toEqual([shown]);
    const deleted = await core.admin.delete(path);
    expect(deleted.body).toMatchObject({ name: given.name, access_credential: '' });
    expect(deleted.text).not.toContain('s3cret');
    expect((await core.admin.get(path)).status).toBe(404);
  });

  it('is asked for its metadata as the specification has it', async () => {
    const path = await register(body({ auth: 'APIKey', access_credential: 'a-key' }));
    const [asked] = adapter.asked;
    expect(asked?.path).toMatch(/\/api\/v1\/metadata$/);
    expect(asked?.headers).toMatchObject({
      accept: 'application/vnd.scanner.adapter.metadata+json; version=1.0',
      'x-scanneradapter-api-key': 'a-key',
    });
    const { status, body: metadata } = await core.admin.get(`${path}/metadata`);
    expect([status, metadata]).toEqual([200, METADATA]);
  });

  it.each([
    [{ name: '' }, 422],
    [{ name: '  ' }, 400],
    [{ name: 'Trivy' }, 400],
    [{ url: 'scanner:8080' }, 400],
    [{ url: 'ftp://scanner' }, 400],
    [{ url: null }, 422],
    [{ auth: 'Digest', access_credential: 'x' }, 400],
    [{ auth: 'Bearer' }, 400],
    [{ disabled: 'yes' }, 422],
  ])('with %j is %i', async (more, status) => {
    expect((await core.admin.post(PATH, body(more))).status).toBe(status);
    expect(adapter.asked).toEqual([]);
  });

  it('of the same name or address is a conflict', async () => {
    const first = body();
    await register(first);
    expect(errorOf(await core.admin.post(PATH, body({ name: first.name })))).toEqual([409, 'CONFLICT']);
    expect(errorOf(await core.admin.post(PATH, body({ url: first.url })))).toEqual([409, 'CONFLICT']);
  });

  it.each([
    ['at an internal address', { url: 'http://169.254.169.254' }, 'BREAKWATER_OUTBOUND_ALLOW'],
    ['where nobody answers', { url: 'http://127.0.0.1:1' }, 'cannot be reached'],
  ])('%s is the caller’s mistake, with the reason', async (_, more, reason) => {
    for (const path of [PATH, `${PATH}/ping`]) {
      const answer = await core.admin.post(path, body(more));
      expect(errorOf(answer)).toEqual([400, 'BAD_REQUEST']);
      expect(answer.text).toContain(reason);
    }
  });

  it.each([
    [500, ''],
    [302, ''],
    [200, 'no JSON'],
    [200, '{"scanner":{"name":"x"}}'],
    [200, JSON.stringify({ ...METADATA, capabilities: [] })],
  ])('is not made of an adapter that answers %i %s', async (status, text) => {
    adapter.answer = { status, body: text };
    expect(errorOf(await core.admin.post(PATH, body()))).toEqual([400, 'BAD_REQUEST']);
    expect(errorOf(await core.admin.post(`${PATH}/ping`, body()))).toEqual([400, 'BAD_REQUEST']);
    adapter.answer = undefined;
    expect((await core.admin.post(`${PATH}/ping`, body())).status).toBe(200);
  });

  it('stays in the list while its adapter is down, without capabilities', async () => {
    await register(body());
    const path = await register(body());
    await core.services.database.rows(`UPDATE scanner_registration SET url = 'http://127.0.0.1:1' WHERE uuid = $1`, [
      path.split('/').at(-1) ?? '',
    ]);
    const list = await core.admin.get<ScannerRegistrationResponse[]>(`${PATH}?sort=create_time`);
    expect(list.status).toBe(200);
    expect(list.body.map(({ capabilities }) => capabilities !== undefined)).toEqual([true, false]);
    expect(errorOf(await core.admin.get(`${path}/metadata`))).toEqual([400, 'BAD_REQUEST']);
  });
});

describe('the list', () => {
  it('has pages, filters and an order', async () => {
    for (const name of ['b', 'a', 'c']) await register(body({ name }));
    const names = async (query: string): Promise<unknown[]> => {
      const { body: rows, headers } = await core.admin.get<ScannerRegistrationResponse[]>(`${PATH}?${query}`);
      return [headers['x-total-count'], ...rows.map(({ name }) => name)];
    };
    expect(await names('')).toEqual(['3', 'b', 'a', 'c']); // the default first
    expect(await names('sort=-name&page_size=2')).toEqual(['3', 'c', 'b']);
    expect(await names('q=name%3D~A')).toEqual(['1', 'a']);
    expect(await names('q=is_default%3Dfalse')).toEqual(['2', 'a', 'c']);
    expect((await core.admin.get(`${PATH}?q=access_credential%3Dx`)).status).toBe(200); // no such key
  });
});

describe('changing', () => {
  it('keeps the credential without a new one, and moves the default', async () => {
    await register(body());
    const given = body({ auth: 'Bearer', access_credential: 'kept' });
    const path = await register(given);
    expect((await core.admin.put(path, { ...given, access_credential: '', description: 'x' })).status).toBe(200);
    expect((await core.admin.send('PATCH', path, { is_default: false })).status).toBe(200);
    expect((await core.admin.get(path)).body).toMatchObject({ description: 'x', is_default: false, auth: 'Bearer' });
    expect((await core.admin.send('PATCH', path, { is_default: true })).status).toBe(200);
    expect((await core.admin.get(path)).body).toMatchObject({ is_default: true });
    expect(errorOf(await core.admin.put(path, { ...given, disabled: true }))).toEqual([412, 'PRECONDITION']);
    await core.admin.get(`${path}/metadata`);
    expect(adapter.asked.at(-1)?.headers['authorization']).toBe('Bearer kept');
  });

  it('needs the credential anew for another server', async () => {
    const given = body({ auth: 'Bearer', access_credential: 'kept' });
    const path = await register(given);
    const moved = { ...given, access_credential: '', url: 'http://127.0.0.1:1' };
    const answer = await core.admin.put(path, moved);
    expect(errorOf(answer)).toEqual([400, 'BAD_REQUEST']);
    expect(answer.text).toContain('access_credential');
  });

  it('refuses the scanner of the settings', async () => {
    await core.services.scanning.builtIn.ensure(adapter.url());
    const [trivy] = (await core.admin.get<ScannerRegistrationResponse[]>(PATH)).body;
    expect(trivy).toMatchObject({ name: 'Trivy', is_default: true, use_internal_addr: true });
    const path = `${PATH}/${trivy?.uuid ?? ''}`;
    expect(errorOf(await core.admin.put(path, body()))).toEqual([403, 'FORBIDDEN']);
    expect(errorOf(await core.admin.delete(path))).toEqual([403, 'FORBIDDEN']);
    await core.services.scanning.builtIn.ensure(null);
  });

  it.each(['get', 'delete'] as const)('%s of what is not there is 404', async (method) => {
    expect((await core.admin[method](`${PATH}/00000000-0000-7000-8000-000000000000`)).status).toBe(404);
    expect((await core.admin[method](`${PATH}/what`)).status).toBe(404);
  });
});

describe('the scanners of a project', () => {
  it('are one in Harbor’s API and several beside it', async () => {
    await core.addUser(`dev${++made}`);
    const members = { [`dev${made}`]: Role.developer };
    const dev = core.as(`dev${made}`);
    const { name } = await core.addProject(`p${made}`, { members });
    const project = `/api/v2.0/projects/${name}`;
    expect((await dev.get(`${project}/scanner`)).body).toEqual({});
    const [first, second] = [body(), body()];
    const uuids = [];
    for (const each of [first, second]) uuids.push((await register(each)).split('/').at(-1));

    expect((await dev.get(`${project}/scanner`)).body).toMatchObject({
      ...{ name: first.name, is_default: true, health: 'healthy', access_credential: '' },
      ...{ adapter: 'Lens', vendor: 'Acme', version: '1.2.3', capabilities: { support_vulnerability: true } },
    });
    expect((await core.admin.get(`${project}/scanner/candidates`)).body).toHaveLength(2);

    expect((await core.admin.put(`${project}/scanner`, { uuid: uuids[1] })).status).toBe(200);
    expect((await dev.get(`${project}/scanner`)).body).toMatchObject({ name: second.name });
    expect((await core.admin.put(`${project}/scanners`, { uuids })).status).toBe(200);
    expect((await dev.get(`${project}/scanners`)).body).toMatchObject({
      is_default: false,
      scanners: [{ name: first.name }, { name: second.name }],
    });
    expect((await core.admin.put(`${project}/scanners`, { uuids: [] })).status).toBe(200);
    expect((await dev.get(`${project}/scanners`)).body).toMatchObject({ is_default: true, scanners: [{}] });
  });

  it('are registered ones', async () => {
    const { name } = await core.addProject(`p${++made}`);
    const unknown = '00000000-0000-7000-8000-000000000000';
    expect(errorOf(await core.admin.put(`/api/v2.0/projects/${name}/scanner`, { uuid: unknown }))).toEqual([
      400,
      'BAD_REQUEST',
    ]);
    expect((await core.admin.put(`/api/v2.0/projects/${name}/scanner`, {})).status).toBe(422);
    expect((await core.admin.put(`/api/v2.0/projects/${name}/scanners`, { uuids: 'all' })).status).toBe(422);
  });

  it('tell that the adapter is down', async () => {
    const { name } = await core.addProject(`p${++made}`);
    await register(body());
    await core.services.database.rows(`UPDATE scanner_registration SET url = 'http://127.0.0.1:1'`);
    const { body: shown } = await core.admin.get(`/api/v2.0/projects/${name}/scanner`);
    expect(shown).toMatchObject({ health: 'unhealthy' });
    for (const absent of ['adapter', 'capabilities']) expect(shown).not.toHaveProperty(absent);
  });
});
