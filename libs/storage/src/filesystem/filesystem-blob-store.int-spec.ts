import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBlobStore } from '../blob-store.suite.js';
import { createBlobStore } from '../create-blob-store.js';

const drivers = { filesystem: {}, 'filesystem without sendfile': { usesSendfile: false } };

for (const [name, settings] of Object.entries(drivers)) {
  describeBlobStore(name, async () => {
    const base = await mkdtemp(join(tmpdir(), 'breakwater-storage-'));
    const config = { driver: 'filesystem', root: join(base, 'not', 'there', 'yet'), ...settings } as const;
    const store = createBlobStore(config);
    const replica = createBlobStore(config);
    return {
      store,
      replica,
      unitBytes: 2 ** 20,
      stop: async () => {
        await Promise.all([store.close(), replica.close()]);
        await rm(base, { recursive: true });
      },
    };
  });
}
