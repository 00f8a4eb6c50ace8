import { ConfigError, loadConfig, type ConfigClass, type LogConfig } from '@breakwater/config';
import { createLogger, type Logger } from '@breakwater/observability';

/** One of the house's apps, as its `main.ts` describes it. */
export interface App<Config extends Settings> {
  /** In each line of its log. */
  readonly name: string;
  readonly config: ConfigClass<Config>;
  /** @param asked  aborted when the process is asked to stop before it has started: stop waiting for what is missing. */
  readonly start: (config: Config, log: Logger, asked: AbortSignal) => Promise<RunningApp>;
}

export interface RunningApp {
  /** Finishes what is under way. */
  stop(): Promise<void>;
}

interface Settings {
  readonly log: LogConfig;
}

/**
 * The whole life of a process. It ends with 0 when it was asked to stop (SIGTERM, SIGINT) and did, at whatever moment;
 * with 1 when its settings are wrong (said on standard error, before there is a log), when it cannot start, or when it
 * cannot stop in order.
 */
export async function runApp<Config extends Settings>({ name, config, start }: App<Config>): Promise<void> {
  const settings = settingsOf(config);
  const log = createLogger({ level: settings.log.level, app: name });
  const asked = new AbortController();
  // Connections that are open already would keep the process alive: it has to end, not run dry.
  const end = (code: 0 | 1, complaint?: string, error?: unknown): never => {
    if (complaint !== undefined) log.error(complaint, { error });
    process.exit(code);
  };
  let running: RunningApp | null = null;
  const stop = (app: RunningApp): Promise<never> =>
    app.stop().then(
      () => end(0),
      (error: unknown) => end(1, 'could not stop in order', error),
    );
  const onSignal = (signal: NodeJS.Signals): void => {
    if (asked.signal.aborted) return;
    log.info('asked to stop', { signal });
    asked.abort();
    if (running !== null) void stop(running);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    running = await start(settings, log, asked.signal);
  } catch (error) {
    if (asked.signal.aborted) end(0);
    end(1, 'could not start', error);
  }
  // Asked while it was starting, after the last moment at which that ends the start.
  if (asked.signal.aborted && running !== null) await stop(running);
}

function settingsOf<Config extends object>(config: ConfigClass<Config>): Config {
  try {
    return loadConfig(config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
