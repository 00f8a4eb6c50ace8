import { join } from 'node:path';
import { HOME } from '../system/start-installation.js';
import { run, type Outcome } from '../system/tools.js';

/** `npm run <command>` without what comes before it, on the given data folder. */
export function localCommand(
  command: 'start' | 'stop' | 'audit',
  installation: { readonly dataDirectory: string; readonly port: number },
  args: readonly string[] = [],
): Promise<Outcome> {
  return run(process.execPath, [join(HOME, 'deploy/local/dist/main.js'), command, ...args], {
    env: { BREAKWATER_DATA_DIR: installation.dataDirectory, BREAKWATER_PORT: String(installation.port) },
  });
}
