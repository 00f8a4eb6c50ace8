import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBlobStore } from '../blob-store.suite.js';
import { createBlobStore } from '../create-blob-store.js';

describeBlobStore('filesystem', async () => {
  const root = await mkdtemp(join(tmpdir(), 'breakwater-storage-'));
  const store = createBlobStore({ driver: 'filesystem', root: join(root, 'not', 'there', 'yet') });
  const replica = createBlobStore({ driver: 'filesystem', root: join(root, 'not', 'there', 'yet') });
  return {
    store,
    replica,
    unitBytes: 2 ** 20,
    stop: async () => {
      await Promise.all([store.close(), replica.close()]);
      await rm(root, { recursive: true });
    },
  };
});
