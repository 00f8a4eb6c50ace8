import { CreateOutbox1764000000000, type Database } from '@breakwater/database';
import { type BlobStore, createBlobStore, newObjectKey } from '@breakwater/storage';
import { createTestDatabase } from '@breakwater/testing';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { JOBSERVICE_SCHEMA } from '../start-jobservice.js';

/** A database and a folder, with what jobservice needs to be told to find them. */
export interface JobWorld {
  readonly database: Database;
  readonly store: BlobStore;
  readonly root: string;
  readonly databaseUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  /** An object that is to be deleted now. @returns its key. */
  trash(): Promise<string>;
  /** An object without any row. @returns its key. */
  write(bytes: Buffer): Promise<string>;
  close(): Promise<void>;
}

export async function createJobWorld(): Promise<JobWorld> {
  const root = await mkdtemp(join(tmpdir(), 'jobservice-'));
  const testDatabase = await createTestDatabase({
    entities: [],
    migrations: [CreateOutbox1764000000000, ...JOBSERVICE_SCHEMA.migrations],
  });
  const database = await testDatabase.connect();
  const store = createBlobStore({ driver: 'filesystem', root });
  const write = async (bytes: Buffer): Promise<string> => {
    const key = newObjectKey();
    const writer = await store.openWriter(key, null, { hash: 'none' });
    await writer.append(Readable.from([bytes]));
    await writer.complete();
    await writer.close();
    return key;
  };
  return {
    database,
    store,
    root,
    databaseUrl: testDatabase.url,
    environment: {
      BREAKWATER_DATABASE_URL: testDatabase.url,
      BREAKWATER_STORAGE_PATH: root,
      BREAKWATER_JOBSERVICE_PORT: '0',
      BREAKWATER_GC_INTERVAL_SECONDS: '1',
      BREAKWATER_SECRET_KEY: randomBytes(32).toString('base64'),
    },
    write,
    async trash() {
      const key = await write(Buffer.from('to be deleted'));
      await database.rows(
        `INSERT INTO trash (object_key, size_bytes, reason) VALUES ($1, 13, 'collected') RETURNING object_key`,
        [key],
      );
      return key;
    },
    async close() {
      await testDatabase.drop();
      await store.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
