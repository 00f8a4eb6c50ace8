import 'reflect-metadata';
import { ConfigError, loadConfig } from '@breakwater/config';
import { startTestAdapter } from './start-test-adapter.js';
import { TestAdapterConfig } from './test-adapter.config.js';

/** The process: settings and signals. Its address is the first line that it prints. */
async function main(): Promise<void> {
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  const adapter = await startTestAdapter({ ...loadConfig(TestAdapterConfig).options(), log });
  log(adapter.url);
  const end = (): void => void adapter.stop();
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

await main().catch((error: unknown) => {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
