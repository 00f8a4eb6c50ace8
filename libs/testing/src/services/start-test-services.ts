import { startEmbeddedPostgres } from '@breakwater/embedded-postgres';
import { findNatsServer, NatsServerMissingError, startNatsServer, type NatsServer } from '@breakwater/nats-server';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { executableSearchPath, VARIABLE } from './environment.js';
import { ACCOUNTS_DIRECTORY, natsAccounts } from './nats-accounts.js';
import { sweepDeadRuns, TEMPORARY_PREFIX } from './sweep-dead-runs.js';

export interface TestServices {
  /** For the workers' `process.env`. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * One PostgreSQL and one nats-server for a whole run of jest, on free ports, in a folder of their own.
 * What stops them: `stop`; or the kernel, when this process dies; or the next run, where the kernel could not.
 */
export async function startTestServices(): Promise<TestServices> {
  await sweepDeadRuns();
  const directory = await mkdtemp(join(tmpdir(), `${TEMPORARY_PREFIX}${process.pid}-`));
  await mkdir(join(directory, ACCOUNTS_DIRECTORY));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  const started = await Promise.allSettled([startPostgres(directory), startNats(directory)]);
  const [postgres, nats] = started;
  const stop = async (): Promise<void> => {
    if (postgres.status === 'fulfilled') await postgres.value.stop('immediate');
    if (nats.status === 'fulfilled') await nats.value?.server.stop('SIGKILL');
    await remove();
  };
  if (postgres.status === 'rejected' || nats.status === 'rejected') {
    await stop();
    throw started.find((result) => result.status === 'rejected')?.reason;
  }
  return {
    environment: {
      [VARIABLE.directory]: directory,
      [VARIABLE.postgresUrl]: postgres.value.url,
      ...(nats.value && { [VARIABLE.natsUrl]: nats.value.server.url, [VARIABLE.natsProgram]: nats.value.program }),
    },
    stop,
  };
}

/** Nothing here must survive a crash of the machine. */
const UNSAFE_AND_FAST = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // Each test file opens dozens, and as many files run side by side as the machine has cores.
  max_connections: 600,
  shared_buffers: '128MB',
  max_wal_size: '4GB',
  autovacuum_naptime: '1h',
};

function startPostgres(directory: string): ReturnType<typeof startEmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres'), port: 0, settings: UNSAFE_AND_FAST });
}

/** Null when the machine has none: suites that need it are then skipped, by `describeWithNats`. */
async function startNats(directory: string): Promise<{ server: NatsServer; program: string } | null> {
  const searchPath = [executableSearchPath(), TOOLS_DIRECTORY].join(delimiter);
  const program = await findNatsServer(searchPath).catch((error: unknown) => {
    if (error instanceof NatsServerMissingError) return null;
    throw error;
  });
  if (program === null) return null;
  const options = { program, dataDirectory: join(directory, 'nats'), port: 0, extraConfiguration: natsAccounts() };
  return { server: await startNatsServer(options), program };
}

/** Where CI puts pinned tools. */
const TOOLS_DIRECTORY = fileURLToPath(new URL('../../../../.tools/bin', import.meta.url));
