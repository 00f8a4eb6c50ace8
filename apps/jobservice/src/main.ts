import 'reflect-metadata';
import { ConfigError, loadConfig } from '@breakwater/config';
import { createLogger } from '@breakwater/observability';
import { JobserviceConfig } from './jobservice.config.js';
import { type RunningJobservice, startJobservice } from './start-jobservice.js';

/** The process: settings, log, signals. */
async function main(): Promise<void> {
  const config = loadConfig(JobserviceConfig);
  const log = createLogger({ level: config.log.level, app: 'jobservice' });
  const asked = new AbortController();
  let running: RunningJobservice | null = null;
  const end = (signal: NodeJS.Signals): void => {
    log.info('asked to stop', { signal });
    asked.abort();
    void running?.stop();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  try {
    running = await startJobservice(config, log, asked.signal);
    // Asked while it was starting.
    if (asked.signal.aborted) await running.stop();
  } catch (error) {
    if (asked.signal.aborted) return;
    log.error('could not start', { error });
    process.exitCode = 1;
  }
}

await main().catch((error: unknown) => {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
