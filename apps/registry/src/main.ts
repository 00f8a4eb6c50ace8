import 'reflect-metadata';
import { ConfigError, loadConfig } from '@breakwater/config';
import { createLogger } from '@breakwater/observability';
import { RegistryConfig } from './registry.config.js';
import { startRegistry, type RunningRegistry } from './start-registry.js';

/** The process: settings, log, signals. */
async function main(): Promise<void> {
  const config = loadConfig(RegistryConfig);
  const log = createLogger({ level: config.log.level, app: 'registry' });
  const asked = new AbortController();
  let running: RunningRegistry | null = null;
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
    running = await startRegistry(config, log, asked.signal);
    if (asked.signal.aborted) await running.stop();
  } catch (error) {
    if (!asked.signal.aborted) log.error('could not start', { error });
    // Connections that are open already would keep the process alive.
    process.exit(asked.signal.aborted ? 0 : 1);
  }
}

await main().catch((error: unknown) => {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
