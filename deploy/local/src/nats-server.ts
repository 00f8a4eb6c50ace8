import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { dataPath, type LocalConfig } from './local.config.js';

/**
 * Finds a `nats-server`: on the PATH, among the project's tools, or unpacked from the distribution's package,
 * which needs no root.
 *
 * @returns its path, or null when the machine has none and none can be had: events then wait in PostgreSQL.
 */
export function findNatsServer(config: LocalConfig, progress: (text: string) => void): string | null {
  const unpacked = dataPath(config, 'tools');
  const places = [
    ...(config.environment['PATH'] ?? '').split(delimiter),
    join(config.environment['BREAKWATER_TOOLS_DIR'] ?? join(config.home, '.tools'), 'bin'),
    '/usr/sbin',
    '/usr/local/sbin',
    join(unpacked, 'usr/sbin'),
    join(unpacked, 'usr/bin'),
  ];
  const find = (): string | null =>
    places.map((place) => join(place, 'nats-server')).find((path) => existsSync(path)) ?? null;
  const found = find();
  if (found !== null) return found;
  progress('fetching nats-server from the distribution’s packages');
  unpackDistributionPackage(unpacked);
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
