import { loadConfig } from '@breakwater/config';
import { createLogger } from '@breakwater/observability';
import { createTestDatabase, eventually, type TestDatabase } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreConfig } from './core.config.js';
import { startCore, type RunningCore } from './start-core.js';

const PASSWORD = 'Correct-horse-7';
const NEVER = new AbortController().signal;

let database: TestDatabase;
let root: string;
let running: RunningCore | null = null;
const lines: string[] = [];
const log = createLogger({ level: 'debug', app: 'core', destination: { write: (line) => void lines.push(line) } });

beforeAll(async () => {
  database = await createTestDatabase({ entities: [], migrations: [] });
  root = await mkdtemp(join(tmpdir(), 'breakwater-core-'));
});
afterEach(async () => {
  await running?.stop();
  running = null;
});
afterAll(async () => {
  await database.drop();
  await rm(root, { recursive: true });
});

async function start(env: Record<string, string> = {}, signal = NEVER): Promise<string> {
  const common = {
    BREAKWATER_DATABASE_URL: database.url,
    BREAKWATER_STORAGE_PATH: root,
    BREAKWATER_SECRET_KEY: SECRET_KEY,
    BREAKWATER_CORE_PORT: '0',
  };
  running = await startCore(loadConfig(CoreConfig, { ...common, ...env }), log, signal);
  return `http://127.0.0.1:${running.port}`;
}
const SECRET_KEY = randomBytes(32).toString('base64');

/** A busy machine may answer the first probes too late; those that follow do not. */
const isReady = (url: string): Promise<void> =>
  eventually(async () => expect((await fetch(`${url}/healthz/ready`)).status).toBe(200));

const asAdmin = (password: string): RequestInit => ({
  headers: { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` },
});

describe('startCore', () => {
  it('does not start a new installation without a password, and says which variable to set', async () => {
    await expect(start()).rejects.toThrow('set BREAKWATER_ADMIN_PASSWORD');
    await expect(start({ BREAKWATER_ADMIN_PASSWORD: 'weak' })).rejects.toMatchObject({ code: 'WEAK_PASSWORD' });
  });

  it('migrates, makes the first administrator, and serves until it is stopped', async () => {
    const url = await start({ BREAKWATER_ADMIN_PASSWORD: PASSWORD });
    await isReady(url);
    expect((await fetch(`${url}/api/v2.0/users/current`, asAdmin(PASSWORD))).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    const projects = await fetch(`${url}/api/v2.0/projects`, asAdmin(PASSWORD));
    expect(await projects.json()).toMatchObject([
      { name: 'library', owner_name: 'admin', current_user_role_id: 1, metadata: { public: 'true' } },
    ]);
    await running?.stop();
    await expect(fetch(`${url}/healthz/ready`)).rejects.toThrow();
  });

  it('starts again without the password, and does not take another one', async () => {
    const url = await start({ BREAKWATER_ADMIN_PASSWORD: 'Another-horse-8' });
    expect((await fetch(`${url}/api/v2.0/users/current`, asAdmin('Another-horse-8'))).status).toBe(401);
    expect((await fetch(`${url}/api/v2.0/users/current`, asAdmin(PASSWORD))).status).toBe(200);
    await running?.stop();
    expect((await fetch(`${await start()}/api/v2.0/users/current`, asAdmin(PASSWORD))).status).toBe(200);
  });

  it('tells how its own parts are, and those that it was told of', async () => {
    const url = await start({ BREAKWATER_HEALTH_COMPONENTS: 'registry=http://127.0.0.1:1/healthz/ready' });
    const health = (await (await fetch(`${url}/api/v2.0/health`)).json()) as { components: { name: string }[] };
    expect(health).toMatchObject({ status: 'unhealthy' });
    expect(health.components.map(({ name }) => name)).toEqual(['core', 'database', 'registry', 'storage']);
    await isReady(url);
  });

  it('registers the scanner that the settings name, though its host is internal and not up yet', async () => {
    const scanners = async (env: Record<string, string>): Promise<unknown> => {
      const answer = await fetch(`${await start(env)}/api/v2.0/scanners`, asAdmin(PASSWORD));
      await running?.stop();
      return answer.json();
    };
    const trivy = { BREAKWATER_TRIVY_ADAPTER_URL: 'http://127.0.0.1:1' };
    expect(await scanners(trivy)).toMatchObject([{ name: 'Trivy', url: 'http://127.0.0.1:1', is_default: true }]);
    expect(await scanners({})).toMatchObject([{ name: 'Trivy', is_default: false, disabled: true }]);
  });

  it('ends its waiting for a database when it is asked to stop', async () => {
    const asked = new AbortController();
    const waiting = start({ BREAKWATER_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }, asked.signal);
    const failed = expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await eventually(() => expect(lines.join('')).toContain('waiting: PostgreSQL does not answer yet'));
    asked.abort();
    await failed;
  });

  it('has logged no password, right or wrong', () => {
    expect(lines.join('')).toContain('made the first administrator');
    expect(lines.join('')).not.toMatch(/Correct-horse|Another-horse|weak"/);
  });
});
