import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres, stopRunningPostgres } from '@breakwater/embedded-postgres';
import { AppError } from '@breakwater/errors';
import { Installation } from './installation.js';
import { dataPath, loadLocalConfig, LocalConfigError, type LocalConfig } from './local.config.js';
import { endProcesses, PidFile } from './pid-file.js';
import { refuseTakenPort } from './ports.js';
import { ensureSecrets } from './secrets.js';
import { welcome } from './welcome.js';

/** Longer than an orderly end may take: of the apps, and after them of the servers. */
const STOP_GRACE_MS = 90_000;

const commands = { start, stop, reset, audit };

// Who reads this may go away, as with a terminal that is closed: what was started is stopped in order all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const [name = 'start', ...rest] = process.argv.slice(2);
  const command = Object.entries(commands).find(([known]) => known === name)?.[1];
  if (command === undefined) throw new LocalConfigError(`unknown command ${name}`);
  process.exitCode = await command(loadLocalConfig(process.env), rest);
} catch (error) {
  const isExpected = error instanceof LocalConfigError || error instanceof AppError;
  console.error(isExpected ? error.message : error);
  process.exitCode = 1;
}

/** Runs in the foreground until Ctrl-C, SIGTERM, `npm run stop`, or until a part will not stay up. */
async function start(config: LocalConfig, args: readonly string[]): Promise<number> {
  if (args.length > 0)
    throw new LocalConfigError(
      `npm start takes no arguments, and was given ${args.join(' ')}. ` +
        'Settings are environment variables: docs/operations/configuration.md',
    );
  const began = Date.now();
  ensureFolder(config.dataDirectory);
  const pids = new PidFile(dataPath(config, 'processes.json'));
  await endLeftovers(pids);
  await refuseTakenPort(config);
  pids.add('supervisor', process.pid);
  const installation = new Installation(config, pids, (text) => console.log(`• ${text}`));
  const asked = new Promise<null>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(null));
  });
  const failed = installation.failed();
  try {
    const started = await Promise.race([installation.start(), asked, failed]);
    if (typeof started === 'object' && started !== null) {
      welcome(config, started, (Date.now() - began) / 1000);
      const failure = await Promise.race([asked, failed]);
      if (failure === null) return 0;
      throw new LocalConfigError(failure);
    }
    if (started !== null) throw new LocalConfigError(started);
    return 0;
  } finally {
    console.log('• stopping');
    await installation.stop();
  }
}

async function stop(config: LocalConfig): Promise<number> {
  const hasRun = await end(config);
  console.log(hasRun ? 'Stopped. The data is kept; npm start goes on with it.' : 'Nothing was running.');
  return 0;
}

/** @returns whether anything ran. */
async function end(config: LocalConfig): Promise<boolean> {
  const pids = new PidFile(dataPath(config, 'processes.json'));
  const living = pids.living();
  const supervisor = living.filter((known) => known.name === 'supervisor');
  await endProcesses(
    supervisor.map((known) => known.pid),
    STOP_GRACE_MS,
  );
  await endLeftovers(pids);
  if (config.databaseUrl === null) await stopRunningPostgres(dataPath(config, 'postgres'));
  return living.length > 0;
}

/** Deletes the data folder. Asks first, unless `--yes` says so already. */
async function reset(config: LocalConfig, args: readonly string[]): Promise<number> {
  if (!existsSync(config.dataDirectory)) {
    console.log('There is no data to delete.');
    return 0;
  }
  if (!existsSync(dataPath(config, 'processes.json')) && !existsSync(dataPath(config, 'secret-key')))
    throw new LocalConfigError(
      `${config.dataDirectory} does not look like a data folder of Breakwater; nothing deleted.`,
    );
  if (!args.includes('--yes') && !(await confirms(`Delete ${config.dataDirectory} with everything in it?`))) {
    console.log('Nothing deleted.');
    return 1;
  }
  await end(config);
  rmSync(config.dataDirectory, { recursive: true, force: true });
  console.log('Deleted. npm start begins anew.');
  return 0;
}

/** Runs the operator's audit against the installation, whether it is running or not. */
async function audit(config: LocalConfig, args: readonly string[]): Promise<number> {
  if (config.databaseUrl !== null) return runAudit(config, config.databaseUrl, args);
  const running = new PidFile(dataPath(config, 'processes.json')).living().some((known) => known.name === 'postgres');
  if (running) return runAudit(config, readFileSync(dataPath(config, 'database-url'), 'utf8'), args);
  const postgres = await startEmbeddedPostgres({
    dataDirectory: dataPath(config, 'postgres'),
    port: 0,
    database: 'breakwater',
  });
  try {
    return await runAudit(config, postgres.url, args);
  } finally {
    await postgres.stop('fast');
  }
}

async function runAudit(config: LocalConfig, databaseUrl: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [join(config.home, 'apps/jobservice/dist/audit.js'), ...args], {
    stdio: 'inherit',
    env: {
      BREAKWATER_STORAGE_DRIVER: 'filesystem',
      BREAKWATER_STORAGE_PATH: dataPath(config, 'storage'),
      ...config.environment,
      BREAKWATER_DATABASE_URL: databaseUrl,
      BREAKWATER_SECRET_KEY: ensureSecrets(config).secretKey,
    },
  });
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

function ensureFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LocalConfigError(
      `The data folder ${path} cannot be used: ${reason}\nChoose another: BREAKWATER_DATA_DIR=<folder> npm start`,
    );
  }
}

async function endLeftovers(pids: PidFile): Promise<void> {
  const living = pids.living();
  if (living.some((known) => known.name === 'supervisor'))
    throw new LocalConfigError('Breakwater is running already on this data folder. Stop it with: npm run stop');
  await endProcesses(
    living.map((known) => known.pid),
    STOP_GRACE_MS,
  );
  pids.clear();
}

async function confirms(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new LocalConfigError('There is nobody to ask. To delete without asking: npm run reset -- --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} Type yes: `);
  terminal.close();
  return answer.trim() === 'yes';
}
