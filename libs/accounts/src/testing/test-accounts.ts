import { CreateCatalog1764000100000 } from '@breakwater/catalog';
import { CreateOutbox1764000000000, Outbox, type Database, type DatabaseSchema } from '@breakwater/database';
import type { SystemActor, UserActor } from '@breakwater/rbac';
import { createTestDatabase } from '@breakwater/testing';
import type { Account, NewAccount } from '../accounts/account.js';
import { accountsSchema, createAccounts, type Accounts } from '../create-accounts.js';
import type { AccountsOptions } from '../options.js';
import type { CheckedSignIn, Notifier, SecretSealer } from '../ports.js';
import { TestClock } from './test-clock.js';

/** A process of its own: its caches and its clock are not shared, its database is. */
export interface Instance extends Accounts {
  readonly database: Database;
  readonly clock: TestClock;
  /** What this process told the others, in order. */
  readonly notices: string[];
  /** Passwords that were checked, in order. */
  readonly signIns: CheckedSignIn[];
}

export interface TestWorld {
  open(options?: Partial<AccountsOptions> & { secretKey?: string }): Promise<Instance>;
  /** Of the outbox, oldest first. */
  events(): Promise<{ subject: string; key: string; payload: Record<string, unknown> }[]>;
  addProject(name: string, isPublic?: boolean): Promise<{ id: number; incarnation: string }>;
  readonly database: Database;
  close(): Promise<void>;
}

const SCHEMA: DatabaseSchema = {
  entities: accountsSchema.entities,
  migrations: [CreateOutbox1764000000000, CreateCatalog1764000100000, ...accountsSchema.migrations],
};

/** The least that argon2 takes: tests ask how often it works, not how hard. */
export const QUICK_HASHING = { memoryKib: 64, passes: 1, lanes: 1, concurrency: 2, maxWaiting: 100 };

export async function createTestWorld(): Promise<TestWorld> {
  const test = await createTestDatabase(SCHEMA);
  const database = await test.connect();
  return {
    database,
    async open({ secretKey = 'one', ...options } = {}) {
      const clock = new TestClock();
      const notices: string[] = [];
      const signIns: CheckedSignIn[] = [];
      const opened = await test.connect();
      const accounts = createAccounts({
        database: opened,
        outbox: new Outbox(),
        notifier: recorder(notices),
        signIns: { signInChecked: (signIn) => signIns.push(signIn) },
        sealer: sealerWith(secretKey),
        options: { hashing: QUICK_HASHING, ...options },
        clock,
      });
      return { ...accounts, database: opened, clock, notices, signIns };
    },
    events: () => database.rows('SELECT subject, key, payload FROM outbox_event ORDER BY id'),
    async addProject(name, isPublic = false) {
      const [project] = await database.rows<{ id: number; incarnation: string }>(
        'INSERT INTO project (name, owner_id, is_public) VALUES ($1, 1, $2) RETURNING id, incarnation',
        [name, isPublic],
      );
      return project as { id: number; incarnation: string };
    },
    close: () => test.drop(),
  };
}

export const PASSWORD = 'Correct-horse-7';

/** Whatever does not matter to the test, and is not taken yet. */
export async function aUser(instance: Instance, given: Partial<NewAccount> = {}): Promise<Account> {
  const username = given.username ?? `user${++created}`;
  const defaults = { username, email: `${username}@example.com`, realname: username, password: PASSWORD };
  return instance.accounts.create(INSTALLER, { ...defaults, ...given });
}
let created = 0;

export async function actorFor(instance: Instance, accountId: number): Promise<UserActor> {
  const state = await instance.states.find(accountId);
  const actor = state && (await instance.states.findActor(accountId, state.incarnation));
  if (!actor) throw new Error(`account ${accountId} cannot act`);
  return actor;
}

export const INSTALLER: SystemActor = { kind: 'system', name: 'installer' };

function recorder(notices: string[]): Notifier {
  return {
    accountsChanged: (ids) => notices.push(`accounts ${ids.join()}`),
    membersChanged: (ids) => notices.push(`members ${ids.join()}`),
    signingKeysChanged: () => notices.push('keys'),
  };
}

/** Stands for the key ring: what one key sealed no other opens. */
function sealerWith(key: string): SecretSealer {
  return {
    seal: (plain) => `${key}:${Buffer.from(plain).toString('base64')}`,
    open: (sealed) => {
      if (!sealed.startsWith(`${key}:`)) throw new Error('sealed with another key');
      return Buffer.from(sealed.slice(key.length + 1), 'base64').toString();
    },
  };
}
