import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';

/** A folder that is there while the suite runs. Its name is short: podman takes 50 characters at most. */
export function aTemporaryFolder(purpose: string): string {
  const directory = join(tmpdir(), `bw-${purpose}-${randomBytes(4).toString('hex')}`);
  beforeAll(() => void mkdirSync(directory, { recursive: true }));
  // What was stopped last may take a moment to let go of it.
  afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }));
  return directory;
}
