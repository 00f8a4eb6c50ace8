import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@breakwater/embedded-postgres';
import { startNatsServer } from '@breakwater/nats-server';
import { AppProcess } from './app-process.js';
import { findOrFetchNats } from './find-or-fetch-nats.js';
import { localApps, type LocalApp } from './local-apps.js';
import { dataPath, type LocalConfig } from './local.config.js';
import { appendLog } from './log-file.js';
import type { PidFile } from './pid-file.js';
import { choosePorts } from './ports.js';
import { ensureSecrets, type LocalSecrets } from './secrets.js';
import { ServerProcess, type StartedServer } from './server-process.js';

/** Long, for a small machine that is busy with something else. */
const APP_READY_MS = 180_000;
const APP_STOP_MS = 20_000;

/** Something that was started and has to be stopped, in reverse order. */
interface Part {
  readonly name: string;
  stop(): Promise<void>;
}

/** A running one-machine installation: PostgreSQL, NATS and the apps, as children of this process. */
export class Installation {
  private readonly parts: Part[] = [];
  private readonly stopping = new AbortController();
  private starting: Promise<LocalSecrets> | null = null;
  private failure: ((message: string) => void) | null = null;

  constructor(
    private readonly config: LocalConfig,
    private readonly pids: PidFile,
    private readonly progress: (text: string) => void,
  ) {}

  /** Resolves with what people need to know once every part answers. Whoever called stops it when one does not. */
  start(): Promise<LocalSecrets> {
    return (this.starting ??= this.bringUp());
  }

  /** Resolves when a part will not stay up; never otherwise. */
  failed(): Promise<string> {
    return new Promise((resolve) => (this.failure = resolve));
  }

  /** The apps first, so that they finish their requests while the database is still there. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('asked to stop'));
    // A start that is under way ends first: what comes up after this would stay.
    await this.starting?.catch(() => undefined);
    const apps = this.parts.filter((part) => part.name.startsWith('app:'));
    const servers = this.parts.filter((part) => !part.name.startsWith('app:'));
    await Promise.allSettled(apps.map((part) => part.stop()));
    await Promise.allSettled(servers.map((part) => part.stop()));
    this.pids.clear();
  }

  private async bringUp(): Promise<LocalSecrets> {
    mkdirSync(dataPath(this.config, 'logs'), { recursive: true, mode: 0o755 });
    const secrets = ensureSecrets(this.config);
    const servers = [this.startPostgres(), this.startNats(secrets.natsPassword)] as const;
    // Also when one fails, so that stopping finds the other.
    await Promise.allSettled(servers);
    const [databaseUrl, natsUrl] = await Promise.all(servers);
    this.stopping.signal.throwIfAborted();
    const environment = appEnvironment(this.config, secrets, databaseUrl, natsUrl);
    const ports = await choosePorts(this.config);
    this.stopping.signal.throwIfAborted();
    // Core migrates the schema; the others wait for it by themselves, so all start at once.
    const apps = localApps(this.config, environment, ports);
    const started = apps.filter(({ isAwaited }) => isAwaited).map((app) => this.startApp(app));
    await Promise.allSettled(started);
    await Promise.all(started);
    for (const app of apps.filter(({ isAwaited }) => !isAwaited)) this.startBehind(app);
    return secrets;
  }

  private async startPostgres(): Promise<string> {
    if (this.config.databaseUrl !== null) return this.config.databaseUrl;
    const log = appendLog(dataPath(this.config, 'logs', 'postgres.log'));
    const postgres = await this.startServer('postgres', (port) =>
      startEmbeddedPostgres({
        dataDirectory: dataPath(this.config, 'postgres'),
        port,
        database: 'breakwater',
        settings: { max_connections: 100 },
        log,
      }),
    );
    // For commands beside a running installation, such as the audit.
    writeFileSync(dataPath(this.config, 'database-url'), postgres.url, { mode: 0o600 });
    this.progress('PostgreSQL is up');
    return postgres.url;
  }

  private async startNats(password: string): Promise<string | null> {
    if (this.config.natsUrl !== null) return this.config.natsUrl;
    const program = await findOrFetchNats(this.config, this.progress);
    if (program === null) {
      this.progress(
        'No nats-server on this machine and none could be fetched: events wait in PostgreSQL until there is one.\n' +
          '  Install the package nats-server, or set BREAKWATER_NATS_URL, and start again.',
      );
      return null;
    }
    const log = appendLog(dataPath(this.config, 'logs', 'nats.log'));
    const nats = await this.startServer('nats', (port) =>
      startNatsServer({ program, dataDirectory: dataPath(this.config, 'nats'), port, password, log }),
    );
    this.progress('NATS is up');
    return nats.url;
  }

  private async startServer<Server extends StartedServer>(
    name: string,
    launch: (port: number) => Promise<Server>,
  ): Promise<Server> {
    const server = new ServerProcess(name, launch, this.pids, (message) => this.failure?.(message));
    const started = await server.start();
    this.parts.push({ name, stop: () => server.stop() });
    return started;
  }

  private async startApp({ name, environment, readyUrl, isAwaited }: LocalApp): Promise<void> {
    const app = new AppProcess(
      {
        name,
        program: join(this.config.home, 'apps', name, 'dist/main.js'),
        environment,
        logFile: dataPath(this.config, 'logs', `${name}.log`),
        readyUrl,
      },
      this.pids,
      (message) => this.failure?.(message),
    );
    app.start();
    this.parts.push({ name: `app:${name}`, stop: () => app.stop(APP_STOP_MS) });
    await app.ready(APP_READY_MS, this.stopping.signal);
    if (isAwaited) this.progress(`${name} is up`);
  }

  /** Comes up while people work already; what it would not do in time is told like any other failure. */
  private startBehind(app: LocalApp): void {
    this.startApp(app).catch((error: Error) => {
      if (!this.stopping.signal.aborted) this.failure?.(error.message);
    });
  }
}

function appEnvironment(
  config: LocalConfig,
  secrets: LocalSecrets,
  databaseUrl: string,
  natsUrl: string | null,
): NodeJS.ProcessEnv {
  return {
    BREAKWATER_STORAGE_DRIVER: 'filesystem',
    BREAKWATER_STORAGE_PATH: dataPath(config, 'storage'),
    // For clients on the same machine, who pay with its processors for what the registry saves (docs/adr/0006).
    BREAKWATER_STORAGE_SENDFILE: 'false',
    // A second start spends a quarter less on its programs. Below the data, where nobody else can put something.
    NODE_COMPILE_CACHE: dataPath(config, 'compiled'),
    ...config.environment,
    BREAKWATER_OUTBOUND_ALLOW: config.outboundAllow,
    NODE_ENV: 'production',
    BREAKWATER_DATABASE_URL: databaseUrl,
    ...(natsUrl === null ? {} : { BREAKWATER_NATS_URL: natsUrl }),
    BREAKWATER_PUBLIC_URL: config.publicUrl,
    BREAKWATER_SECRET_KEY: secrets.secretKey,
    BREAKWATER_ADMIN_PASSWORD: secrets.adminPassword,
  };
}
