import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { NatsServerMissingError } from './errors.js';

/**
 * Where the nats-server program is.
 *
 * @param searchPath  directories separated by `:`, as in PATH. Debian installs it in /usr/sbin, which an ordinary
 *   user's PATH lacks, so the system's directories are searched after these in any case.
 * @throws NatsServerMissingError
 */
export async function findNatsServer(searchPath: string): Promise<string> {
  const directories = [...new Set([...searchPath.split(delimiter).filter(Boolean), ...SYSTEM_DIRECTORIES])];
  for (const directory of directories) {
    const program = join(directory, 'nats-server');
    if (await isExecutable(program)) return program;
  }
  throw new NatsServerMissingError(directories);
}

const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin'];

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
