import { open, type FileHandle } from 'node:fs/promises';
import { ObjectTruncatedError } from '../storage.errors.js';

/** A file open for reading, of which every byte up to an expected end is there or is an error. */
export class OpenFile {
  #isClosed = false;

  private constructor(
    private readonly key: string,
    private readonly handle: FileHandle,
    readonly sizeBytes: number,
  ) {}

  static async open(path: string, key: string): Promise<OpenFile> {
    const handle = await open(path, 'r');
    try {
      return new OpenFile(key, handle, (await handle.stat()).size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Good until it is closed. */
  get descriptor(): number {
    return this.handle.fd;
  }

  /** @throws ObjectTruncatedError  cut off behind our back, after the size was checked. */
  async fill(bytes: Buffer, position: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await this.handle.read(bytes, done, bytes.length - done, position + done);
      if (bytesRead === 0) throw new ObjectTruncatedError(this.key, position + bytes.length, position + done);
      done += bytesRead;
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.handle.close();
  }
}
