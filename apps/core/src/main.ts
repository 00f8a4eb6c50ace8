import 'reflect-metadata';
import { ConfigError, loadConfig } from '@breakwater/config';
import { createLogger } from '@breakwater/observability';
import { CoreConfig } from './core.config.js';
import { startCore, type RunningCore } from './start-core.js';

/** The process: settings, log, signals. */
async function main(): Promise<void> {
  const config = loadConfig(CoreConfig);
  const log = createLogger({ level: config.log.level, app: 'core' });
  const asked = new AbortController();
  let running: RunningCore | null = null;
  const end = (signal: NodeJS.Signals): void => {
    log.info('asked to stop', { signal });
    asked.abort();
    void running?.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('could not stop in order', { error });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  try {
    running = await startCore(config, log, asked.signal);
    if (asked.signal.aborted) await running.stop();
  } catch (error) {
    if (asked.signal.aborted) return;
    log.error('could not start', { error });
    process.exit(1);
  }
}

await main().catch((error: unknown) => {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
