import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

let core: TestCore;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwater-ca-'));
  await writeFile(join(folder, 'ca.crt'), CERTIFICATE);
  core = await createTestCore({ publicUrl: 'https://hub.example.com:8443', caFile: join(folder, 'ca.crt') });
  await core.addUser('ann');
});
afterAll(async () => {
  await core.close();
  await rm(folder, { recursive: true });
});

describe('GET /systeminfo', () => {
  it('tells everybody how to sign in, and nothing of the installation', async () => {
    expect((await core.anonymous.get('/systeminfo')).body).toEqual({
      auth_mode: 'db_auth',
      primary_auth_mode: false,
      self_registration: false,
      banner_message: '',
      oidc_provider_name: '',
    });
  });

  it('tells those who are signed in about the installation', async () => {
    expect((await core.as('ann').get('/systeminfo')).body).toMatchObject({
      auth_mode: 'db_auth',
      registry_url: 'hub.example.com:8443',
      external_url: 'https://hub.example.com:8443',
      harbor_version: 'v2.16.0-breakwater-0.0.0',
      has_ca_root: true,
      read_only: false,
      registry_storage_provider_name: 'filesystem',
      current_time: expect.stringMatching(/Z$/),
    });
  });

  it('takes its address from the request where it was not told one', async () => {
    const untold = await createTestCore({ publicUrl: null });
    const { body } = await untold.admin.get('/systeminfo', { host: 'hub.example.com:5000' });
    expect(body).toMatchObject({ registry_url: 'hub.example.com:5000', has_ca_root: false });
    expect((await untold.anonymous.get('/systeminfo/getcert')).status).toBe(404);
    await untold.close();
  });
});

describe('GET /systeminfo/volumes', () => {
  it('tells the room on the storage', async () => {
    const { body } = await core.admin.get<{ storage: { total: number; free: number }[] }>('/systeminfo/volumes');
    expect(body.storage).toEqual([{ total: expect.any(Number), free: expect.any(Number) }]);
    expect(body.storage[0]?.total).toBeGreaterThanOrEqual(body.storage[0]?.free ?? Infinity);
  });
});

describe('GET /systeminfo/getcert', () => {
  it('hands out the certificate authority as a file', async () => {
    const { text, headers } = await core.anonymous.get('/systeminfo/getcert');
    expect(text).toBe(CERTIFICATE);
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename=ca.crt',
    });
  });
});

describe('GET /health, /ping and /api/version', () => {
  it('answer without looking at credentials', async () => {
    const headers = { authorization: 'Basic bm9ib2R5Om5vdGhpbmc=' };
    expect((await core.anonymous.get('/ping', headers)).text).toBe('Pong');
    expect((await core.anonymous.get('/api/version', headers)).body).toEqual({ version: 'v2.0' });
    expect((await core.anonymous.get('/health', headers)).body).toEqual({
      status: 'healthy',
      components: [{ name: 'core', status: 'healthy' }],
    });
  });
});
