import { DEFAULT_OPTIONS, type Account, type AccountsOptions, type NewAccount } from '@breakwater/accounts';
import { SecretBox } from '@breakwater/config';
import { Database } from '@breakwater/database';
import type { RoleId } from '@breakwater/rbac';
import { OutboundClient } from '@breakwater/outbound';
import { ScannerClient } from '@breakwater/scanner-client';
import { createBlobStore } from '@breakwater/storage';
import { createTestDatabase } from '@breakwater/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCoreApp } from '../core.app.js';
import { CORE_SCHEMA, createCoreServices, type CoreServices } from '../core.services.js';
import type { CoreSettings } from '../core.settings.js';
import { Caller } from './caller.js';

/** Of every account that tests make, the first administrator's included. */
export const PASSWORD = 'Correct-horse-7';

/** Core on a database of its own, asked without a socket. */
export interface TestCore {
  readonly app: NestFastifyApplication;
  readonly services: CoreServices;
  readonly admin: Caller;
  readonly anonymous: Caller;
  /** Somebody made by `addUser`. */
  as(username: string): Caller;
  addUser(username: string, given?: Partial<NewAccount>): Promise<Account>;
  addProject(name: string, given?: TestProject): Promise<{ readonly id: number; readonly name: string }>;
  close(): Promise<void>;
}

export interface TestProject {
  readonly isPublic?: boolean;
  /** Role by user name. */
  readonly members?: Readonly<Record<string, RoleId>>;
}

export interface WayToDatabase {
  /** Makes another address of the database's own, for a test that stands between. */
  readonly over?: (url: string) => Promise<string>;
  readonly poolSize?: number;
}

export async function createTestCore(
  settings: Partial<CoreSettings> = {},
  accountsOptions: Partial<AccountsOptions> = {},
  { over = (url) => Promise.resolve(url), poolSize = 8 }: WayToDatabase = {},
): Promise<TestCore> {
  const test = await createTestDatabase(CORE_SCHEMA);
  const options = { url: await over(test.url), poolSize, applicationName: 'test core' };
  const database = await Database.connect(options, CORE_SCHEMA);
  const root = await mkdtemp(join(tmpdir(), 'breakwater-core-'));
  const store = createBlobStore({ driver: 'filesystem', root });
  // Of adapters on this machine, and of nothing else that is not on the open internet.
  const outbound = new OutboundClient({ allow: ['127.0.0.1'] });
  const services = createCoreServices({
    database,
    store,
    secrets: new SecretBox([randomBytes(32)]),
    settings: {
      publicUrl: 'http://registry.test',
      tokenTtlSeconds: 1800,
      caFile: null,
      version: '0.0.0',
      ...settings,
    },
    catalog: CATALOG,
    adapters: new ScannerClient(outbound),
    accounts: { ...QUICK, ...accountsOptions },
  });
  await services.accounts.accounts.ensureFirstAdmin({ password: PASSWORD });
  const app = await createCoreApp(services);
  const as = (username: string): Caller => new Caller(app, { username, password: PASSWORD });
  const { accounts, members } = services.accounts;
  return {
    app,
    services,
    admin: as('admin'),
    anonymous: new Caller(app, null),
    as,
    addUser: (username, given = {}) => {
      const defaults = { username, email: `${username}@example.com`, realname: username, password: PASSWORD };
      return accounts.create(INSTALLER, { ...defaults, ...given });
    },
    async addProject(name, { isPublic = false, members: roles = {} } = {}) {
      const [project] = await database.rows<{ id: number; name: string }>(
        'INSERT INTO project (name, owner_id, is_public) VALUES ($1, 1, $2) RETURNING id, name',
        [name, isPublic],
      );
      if (project === undefined) throw new Error('nothing was inserted');
      for (const [username, roleId] of Object.entries(roles))
        await members.add(INSTALLER, project.id, { username, roleId });
      return project;
    },
    async close() {
      await app.close();
      await outbound.close();
      await store.close();
      await database.close();
      await rm(root, { recursive: true });
      await test.drop();
    },
  };
}

const INSTALLER = { kind: 'system', name: 'installer' } as const;

const PATIENCE = 1_000_000;

/** The least that argon2 takes, and no slowing down: tests ask what is right, not how long that takes to find out. */
const QUICK = {
  hashing: { ...DEFAULT_OPTIONS.hashing, memoryKib: 64, passes: 1 },
  throttle: { ...DEFAULT_OPTIONS.throttle, freePerName: PATIENCE, freePerSource: PATIENCE },
};

const CATALOG = { blobLeaseSeconds: 3600, trashSeconds: 3600 };
