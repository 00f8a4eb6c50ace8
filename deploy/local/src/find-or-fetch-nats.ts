import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findNatsServer, NatsServerMissingError } from '@breakwater/nats-server';
import { dataPath, type LocalConfig } from './local.config.js';

/**
 * The `nats-server` program: on the PATH, among the project's tools, or unpacked from the distribution's
 * package into the data folder, which needs no root.
 *
 * @returns null when the machine has none and none can be had: events then wait in PostgreSQL.
 */
export async function findOrFetchNats(config: LocalConfig, progress: (text: string) => void): Promise<string | null> {
  const fetched = dataPath(config, 'tools');
  const searchPath = [
    config.environment['PATH'] ?? '',
    join(config.environment['BREAKWATER_TOOLS_DIR'] ?? join(config.home, '.tools'), 'bin'),
    join(fetched, 'usr/sbin'),
    join(fetched, 'usr/bin'),
  ].join(delimiter);
  const find = (): Promise<string | null> =>
    findNatsServer(searchPath).catch((error: unknown) => {
      if (error instanceof NatsServerMissingError) return null;
      throw error;
    });
  const found = await find();
  if (found !== null) return found;
  progress('fetching nats-server from the distribution’s packages');
  unpackDistributionPackage(fetched);
  return find();
}

function unpackDistributionPackage(into: string): void {
  const download = mkdtempSync(join(tmpdir(), 'breakwater-nats-'));
  const run = (program: string, ...args: string[]): boolean =>
    spawnSync(program, args, { cwd: download, stdio: 'ignore', timeout: 120_000 }).status === 0;
  try {
    const isDownloaded =
      run('apt-get', 'download', 'nats-server') ||
      (process.getuid?.() === 0 && run('apt-get', 'update') && run('apt-get', 'download', 'nats-server'));
    const archive = isDownloaded ? readdirSync(download).find((name) => name.endsWith('.deb')) : undefined;
    if (archive === undefined) return;
    mkdirSync(into, { recursive: true });
    run('dpkg', '-x', archive, into);
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
}
