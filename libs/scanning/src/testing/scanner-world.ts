import { catalogSchema } from '@breakwater/catalog';
import { CreateOutbox1764000000000, Outbox, type Database } from '@breakwater/database';
import { createTestDatabase } from '@breakwater/testing';
import { createScanning, scanningSchema, type Scanning } from '../create-scanning.js';
import type { SecretSealer } from '../ports.js';
import { Adapters } from './adapters.js';
import { TestClock } from './test-clock.js';

/** A process of its own on the one database. */
export interface ScannerInstance extends Scanning {
  readonly clock: TestClock;
  /** What this process told the others, in order: a project, or null for all. */
  readonly notices: (number | null)[];
}

export interface ScannerWorld {
  readonly database: Database;
  readonly adapters: Adapters;
  open(secretKey?: string): Promise<ScannerInstance>;
  addProject(): Promise<number>;
  close(): Promise<void>;
}

export async function createScannerWorld(): Promise<ScannerWorld> {
  const test = await createTestDatabase({
    entities: [],
    migrations: [CreateOutbox1764000000000, ...catalogSchema.migrations, ...scanningSchema.migrations],
  });
  const database = await test.connect();
  const adapters = new Adapters();
  let projects = 0;
  return {
    database,
    adapters,
    async open(secretKey = 'one') {
      const notices: (number | null)[] = [];
      const clock = new TestClock();
      const scanning = createScanning({
        database: await test.connect(),
        outbox: new Outbox(),
        sealer: sealerWith(secretKey),
        client: adapters,
        notifier: { scanPolicyChanged: (projectId) => notices.push(projectId) },
        clock,
      });
      return { ...scanning, clock, notices };
    },
    async addProject() {
      const [row] = await database.rows<{ id: number }>(
        'INSERT INTO project (name, owner_id) VALUES ($1, 1) RETURNING id',
        [`project${++projects}`],
      );
      return row?.id ?? 0;
    },
    close: () => test.drop(),
  };
}

/** Stands for the key ring: what was sealed for one purpose, or with one key, no other opens. */
function sealerWith(key: string): SecretSealer {
  const prefix = (purpose: string): string => `${key}|${purpose}|`;
  return {
    seal: (plain, purpose) => `${prefix(purpose)}${Buffer.from(plain).toString('hex')}`,
    open: (sealed, purpose) => {
      if (!sealed.startsWith(prefix(purpose))) throw new Error('sealed elsewhere');
      return Buffer.from(sealed.slice(prefix(purpose).length), 'hex').toString();
    },
  };
}
