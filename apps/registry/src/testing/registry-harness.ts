import { createAccounts, type Accounts } from '@breakwater/accounts';
import { loadConfig } from '@breakwater/config';
import { Outbox, type Database } from '@breakwater/database';
import { createLogger, type Logger } from '@breakwater/observability';
import { ROLES_BY_POWER, type Actor, type RoleId } from '@breakwater/rbac';
import { createTestDatabase, eventually, type TestDatabase } from '@breakwater/testing';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REGISTRY_SCHEMA } from '../registry-parts.js';
import { RegistryConfig } from '../registry.config.js';
import { startRegistry, type RunningRegistry } from '../start-registry.js';
import { RawClient } from './raw-client.js';
import { startTokenServer, type TokenServer } from './token-server.js';

export interface TestUser {
  readonly id: number;
  readonly name: string;
  /** Value of an `Authorization` header. */
  readonly basic: string;
}

export interface TestProject {
  readonly id: number;
  readonly name: string;
}

export interface StartOptions {
  /** Settings beside or instead of those that the harness makes. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends the waiting for what is not there yet. */
  readonly signal?: AbortSignal;
}

const PASSWORD = 'Correct-Horse-1';
const SECRET_KEY = randomBytes(32).toString('base64');
const SYSTEM: Actor = { kind: 'system', name: 'test' };

/**
 * The data plane over a real database and a real folder, listening. Several instances may share them. Tokens come from
 * a token server of the test's own, behind the front door as in a one-machine installation.
 */
export class RegistryHarness {
  readonly logLines: Record<string, unknown>[] = [];
  private readonly running: RunningRegistry[] = [];
  private readonly clients: RawClient[] = [];
  private users = 0;

  private constructor(
    readonly testDatabase: TestDatabase,
    readonly database: Database,
    readonly accounts: Accounts,
    readonly storagePath: string,
    readonly tokenServer: TokenServer,
    readonly admin: TestUser,
  ) {}

  static async create(): Promise<RegistryHarness> {
    const testDatabase = await createTestDatabase(REGISTRY_SCHEMA);
    const database = await testDatabase.connect();
    const accounts = accountsOf(database);
    const storagePath = await mkdtemp(join(tmpdir(), 'breakwater-registry-'));
    await accounts.accounts.ensureFirstAdmin({ password: PASSWORD });
    const admin = { id: 1, name: 'admin', basic: basicOf('admin') };
    const tokenServer = await startTokenServer(database, accounts);
    return new RegistryHarness(testDatabase, database, accounts, storagePath, tokenServer, admin);
  }

  /** @returns the port of one more instance. */
  async start(options: StartOptions = {}): Promise<number> {
    return (await this.startInstance(options)).port;
  }

  async startInstance({ environment = {}, signal }: StartOptions = {}): Promise<RunningRegistry> {
    const config = loadConfig(
      RegistryConfig,
      {
        BREAKWATER_DATABASE_URL: this.testDatabase.url,
        BREAKWATER_STORAGE_PATH: this.storagePath,
        BREAKWATER_SECRET_KEY: SECRET_KEY,
        BREAKWATER_REGISTRY_PORT: '0',
        BREAKWATER_CORE_URL: this.tokenServer.url,
        BREAKWATER_SHUTDOWN_GRACE_SECONDS: '5',
        ...environment,
      },
      () => undefined,
    );
    const running = await startRegistry(config, this.logger(config.log.level), signal ?? new AbortController().signal);
    this.running.push(running);
    return running;
  }

  async connect(port: number): Promise<RawClient> {
    const client = await RawClient.to(port);
    this.clients.push(client);
    return client;
  }

  /**
   * Resolves when a request has begun to write into an upload: only from then on can it be interrupted, and that
   * nobody writes any more be waited for.
   *
   * @param path  of the upload; any will do where the request itself makes it.
   * @returns the upload's id.
   */
  async untilWriting(path: string | null = null): Promise<string> {
    return eventually(async () => {
      const [row] = await this.database.rows<{ id: string }>(
        'SELECT id FROM upload WHERE writer IS NOT NULL AND ($1::uuid IS NULL OR id = $1)',
        [path?.split('/').at(-1) ?? null],
      );
      if (row === undefined) throw new Error('nobody writes into the upload');
      return row.id;
    });
  }

  /** @param roles  by project id. */
  async user(roles: Readonly<Record<number, RoleId>> = {}): Promise<TestUser> {
    const name = `user${++this.users}`;
    const profile = { username: name, email: `${name}@example.com`, realname: name, password: PASSWORD };
    const { id } = await this.accounts.accounts.create(SYSTEM, profile);
    for (const [projectId, roleId] of Object.entries(roles))
      await this.accounts.members.add(SYSTEM, Number(projectId), { userId: id, username: null, roleId });
    return { id, name, basic: basicOf(name) };
  }

  /** The catalog's own use cases for projects belong to core; a test only needs the rows. */
  async project(
    name: string,
    { isPublic = false, metadata = {} }: { isPublic?: boolean; metadata?: Readonly<Record<string, string>> } = {},
  ): Promise<TestProject> {
    const [row] = await this.database.rows<{ id: number }>(
      'INSERT INTO project (name, owner_id, is_public) VALUES ($1, 1, $2) RETURNING id',
      [name, isPublic],
    );
    const id = row?.id ?? 0;
    for (const [key, value] of Object.entries(metadata))
      await this.database.rows('INSERT INTO project_metadata (project_id, key, value) VALUES ($1, $2, $3)', [
        id,
        key,
        value,
      ]);
    return { id, name };
  }

  /** A token for exactly these scopes, as far as the user may have them. Null: an anonymous one. */
  async token(user: TestUser | null, ...scopes: readonly string[]): Promise<string> {
    return `Bearer ${await this.tokenServer.tokenFor(user?.basic ?? null, scopes)}`;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    await Promise.all(this.running.map((each) => each.stop()));
    await this.tokenServer.close();
    await this.testDatabase.drop();
    await rm(this.storagePath, { recursive: true, force: true });
  }

  private logger(level: 'debug' | 'info' | 'warn' | 'error'): Logger {
    const destination = { write: (line: string) => this.logLines.push(JSON.parse(line) as Record<string, unknown>) };
    return createLogger({ level, app: 'registry', destination });
  }
}

/** Cheap hashes: the tests are about what comes after them. */
const CHEAP_HASHING = { memoryKib: 64, passes: 1, lanes: 1, concurrency: 2, maxWaiting: 100 };

function accountsOf(database: Database): Accounts {
  const silent = { accountsChanged: none, membersChanged: none, signingKeysChanged: none };
  const sealer = { seal: (plain: string) => plain, open: (sealed: string) => sealed };
  const options = { hashing: CHEAP_HASHING, staleMs: 0 };
  return createAccounts({ database, outbox: new Outbox(), notifier: silent, sealer, options });
}

function none(): void {
  // Nobody else is there to be told.
}

function basicOf(name: string): string {
  return `Basic ${Buffer.from(`${name}:${PASSWORD}`).toString('base64')}`;
}

export const ROLE = {
  admin: ROLES_BY_POWER[0],
  maintainer: ROLES_BY_POWER[1],
  developer: ROLES_BY_POWER[2],
  guest: ROLES_BY_POWER[3],
  limitedGuest: ROLES_BY_POWER[4],
};
