import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HOME } from '../../system/start-installation.js';

/** The test adapter as a process of its own, as a vendor's would be. */
export interface AdapterProcess {
  readonly url: string;
  /** See apps/scanner-test-adapter, "Faults"; `{}` for none. */
  setFaults(faults: object): Promise<void>;
  stop(): Promise<void>;
}

export async function startAdapterProcess(settings: Readonly<Record<string, string>> = {}): Promise<AdapterProcess> {
  const child = spawn(process.execPath, [join(HOME, 'apps/scanner-test-adapter/dist/main.js')], {
    env: { SCANNER_TEST_ADAPTER_PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const [url] = (await Promise.race([once(lines, 'line'), ended])) as [unknown];
  if (typeof url !== 'string') throw new Error('the adapter ended before it had an address');
  return {
    url,
    setFaults: async (faults) => {
      const answer = await fetch(`${url}/_test/faults`, { method: 'PUT', body: JSON.stringify(faults) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
