import type { ByteRange } from '@breakwater/oci';
import { constants, copyFile, readFile, stat, statfs, unlink } from 'node:fs/promises';
import type {
  BlobReader,
  BlobStore,
  BlobWriter,
  ListedObject,
  ObjectStat,
  StoreDescription,
  WriteOptions,
  WriteState,
} from '../blob-store.js';
import { BufferPool } from '../buffers/buffer-pool.js';
import { Hasher } from '../hashing/hasher.js';
import { LiveHashes } from '../hashing/live-hashes.js';
import { PROBE_CONTENT, PROBE_KEY } from '../object-key.js';
import type { FilesystemStorageConfig } from '../storage-config.js';
import { ObjectTruncatedError, StorageUnavailableError } from '../storage.errors.js';
import { filesystemError, isMissing } from './filesystem-errors.js';
import { FilesystemReader } from './filesystem-reader.js';
import { findFilesystemState } from './filesystem-state.js';
import { FilesystemWriter, type FilesystemShared } from './filesystem-writer.js';
import { listFiles } from './list-files.js';
import { findSendfile } from './sendfile.js';
import { Traffic } from './traffic.js';
import { Volume } from './volume.js';

/** Objects as files under one folder, with nothing beside them: what a key names is at that path. */
export class FilesystemBlobStore implements BlobStore {
  readonly #shared: FilesystemShared;

  constructor(config: FilesystemStorageConfig) {
    const volume = new Volume(config.root);
    this.#shared = {
      volume,
      pool: new BufferPool(),
      hasher: new Hasher(),
      live: new LiveHashes(),
      sendfile: config.usesSendfile === false ? null : findSendfile(),
      traffic: new Traffic(),
    };
  }

  openWriter(key: string, state: WriteState | null, options: WriteOptions): Promise<BlobWriter> {
    return FilesystemWriter.open(key, state, options, this.#shared);
  }

  async fork(key: string, state: WriteState | null, newKey: string): Promise<WriteState | null> {
    const recorded = findFilesystemState(state);
    if (!recorded || recorded.sizeBytes === 0) return null;
    const { sizeBytes } = recorded;
    const { volume } = this.#shared;
    try {
      const target = await volume.openOrCreate(newKey, constants.O_RDWR | constants.O_CREAT);
      try {
        // Shares the blocks where the filesystem can.
        await copyFile(volume.path(key), volume.path(newKey), constants.COPYFILE_FICLONE);
        const { size } = await target.stat();
        if (size < sizeBytes) throw new ObjectTruncatedError(key, sizeBytes, size);
        await target.truncate(sizeBytes);
        await volume.sync(target);
      } finally {
        await target.close();
      }
      await volume.syncEntry(newKey);
    } catch (error) {
      throw filesystemError(error, key);
    }
    // The same content, hence the same revision.
    return recorded;
  }

  discard(key: string): Promise<void> {
    return this.delete(key);
  }

  read(key: string, range?: ByteRange): Promise<BlobReader> {
    return FilesystemReader.open(key, range, this.#shared);
  }

  async stat(key: string): Promise<ObjectStat | null> {
    const path = this.#shared.volume.path(key);
    try {
      return { sizeBytes: (await stat(path)).size };
    } catch (error) {
      if (isMissing(error)) return null;
      throw filesystemError(error, key);
    }
  }

  async delete(key: string): Promise<void> {
    const path = this.#shared.volume.path(key);
    try {
      await unlink(path);
      // The caller forgets the row next: after a power cut the file must not be back without one.
      await this.#shared.volume.syncEntry(key);
    } catch (error) {
      if (!isMissing(error)) throw filesystemError(error, key);
    }
  }

  list(prefix: string, after = ''): AsyncIterable<readonly ListedObject[]> {
    return listFiles(this.#shared.volume.root, prefix, after);
  }

  presignedUrl(): Promise<null> {
    return Promise.resolve(null);
  }

  async probe(): Promise<void> {
    try {
      const handle = await this.#shared.volume.openOrCreate(PROBE_KEY, constants.O_RDWR | constants.O_CREAT);
      try {
        await handle.write(PROBE_CONTENT, 0);
      } finally {
        await handle.close();
      }
      const found = await readFile(this.#shared.volume.path(PROBE_KEY), 'utf8');
      if (found !== PROBE_CONTENT) throw new StorageUnavailableError('the storage did not return what was written');
    } catch (error) {
      throw filesystemError(error, PROBE_KEY);
    }
  }

  async capacity(): Promise<{ readonly totalBytes: number; readonly freeBytes: number }> {
    const { root } = this.#shared.volume;
    try {
      const { bsize, blocks, bavail } = await statfs(root);
      return { totalBytes: bsize * blocks, freeBytes: bsize * bavail };
    } catch (error) {
      throw new StorageUnavailableError(error);
    }
  }

  describe(): StoreDescription {
    return { driver: 'filesystem', location: this.#shared.volume.root };
  }

  async close(): Promise<void> {
    this.#shared.live.clear();
    await this.#shared.hasher.close();
  }
}
