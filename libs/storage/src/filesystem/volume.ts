import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { assertObjectKey } from '../object-key.js';
import { isMissing, systemCode } from './filesystem-errors.js';
import { Limiter } from './limiter.js';

/**
 * Syncs that may run at once. A sync holds one of libuv's threads (four, unless UV_THREADPOOL_SIZE says otherwise)
 * for as long as the disk needs; reads must not wait behind them.
 */
const CONCURRENT_SYNCS = 2;

/** A folder with files under it, and what it takes to find them again after a power cut. */
export class Volume {
  readonly #syncs = new Limiter(CONCURRENT_SYNCS);
  /** Folders that this process knows to be durable. */
  readonly #folders = new Map<string, Promise<void>>();

  constructor(readonly root: string) {}

  path(key: string): string {
    assertObjectKey(key);
    return join(this.root, key);
  }

  /** Opens the file of `key` to read and write; makes it and its folders if they are missing. */
  async openOrCreate(key: string, flags: number): Promise<FileHandle> {
    const path = this.path(key);
    const openIn = async (folder: string): Promise<FileHandle> => {
      await this.#ensureFolder(folder);
      return open(path, flags);
    };
    try {
      return await openIn(dirname(path));
    } catch (error) {
      if (!isMissing(error)) throw error;
      // Somebody emptied the storage under us, folders that we know included.
      this.#folders.clear();
      return openIn(dirname(path));
    }
  }

  /** Content and size of an open file are on the disk. */
  async sync(handle: FileHandle): Promise<void> {
    await this.#syncs.run(() => handle.datasync());
  }

  /** The entry of `key` in its folder is on the disk, or gone from it. */
  async syncEntry(key: string): Promise<void> {
    await this.#syncFolder(dirname(this.path(key)));
  }

  async #syncFolder(folder: string): Promise<void> {
    const handle = await open(folder, 'r');
    try {
      await this.#syncs.run(() => handle.sync());
    } finally {
      await handle.close();
    }
  }

  /**
   * Every process syncs each folder's parent once itself: that another one has made the folder does not say that it
   * has synced it yet.
   */
  #ensureFolder(folder: string): Promise<void> {
    const known = this.#folders.get(folder);
    if (known) return known;
    const made = this.#makeFolder(folder);
    this.#folders.set(folder, made);
    made.catch(() => this.#folders.delete(folder));
    return made;
  }

  async #makeFolder(folder: string): Promise<void> {
    if (folder === this.root) {
      await mkdir(folder, { recursive: true });
      return;
    }
    await this.#ensureFolder(dirname(folder));
    await mkdir(folder).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error;
    });
    await this.#syncFolder(dirname(folder));
  }
}
