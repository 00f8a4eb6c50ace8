import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesystemStorage, type StorageUnderTest } from './storage-under-test.js';

/** Whether this machine lets us mount: root in most places, nobody in some. */
export function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'bw-mount-'));
  try {
    mount(directory, 1);
    execFileSync('umount', [directory]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A storage on a volume of its own, small enough to be filled. */
export class SmallVolume {
  constructor(
    readonly directory: string,
    mebibytes: number,
  ) {
    mkdirSync(directory, { recursive: true });
    mount(directory, mebibytes);
  }

  /** Takes room away. */
  async occupy(bytes: number): Promise<void> {
    await writeFile(this.ballast, Buffer.alloc(bytes));
  }

  /** Gives it back. */
  async free(): Promise<void> {
    await rm(this.ballast);
  }

  storage(): StorageUnderTest {
    return { ...filesystemStorage(join(this.directory, 'storage')), stop: async () => this.unmount() };
  }

  private get ballast(): string {
    return join(this.directory, 'ballast');
  }

  private unmount(): void {
    execFileSync('umount', ['--lazy', this.directory]);
  }
}

function mount(directory: string, mebibytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', directory], { stdio: 'ignore' });
}
