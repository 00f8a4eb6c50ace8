import { createServer } from 'node:net';
import type { LocalPorts } from './local-apps.js';
import { LocalConfigError, type LocalConfig } from './local.config.js';

/** Asked before anything is started, so that the message is all that people see. @throws LocalConfigError */
export async function refuseTakenPort(config: LocalConfig): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => reject(new LocalConfigError(whyNotListening(config, error))));
    probe.listen(config.port, config.host, () => probe.close(() => resolve()));
  });
}

/** Those that the environment names, for whoever collects metrics; else ports that were free a moment ago. */
export async function choosePorts({ environment }: LocalConfig): Promise<LocalPorts> {
  const ports = await Promise.all(Array.from({ length: 5 }, freePort));
  const [core = 0, ofCore = 0, jobservice = 0, registry = 0, webhook = 0] = ports;
  const chosen = (name: string, free: number): number => Number(environment[name] ?? free) || free;
  return {
    core,
    operations: {
      core: chosen('BREAKWATER_CORE_METRICS_PORT', ofCore),
      jobservice: chosen('BREAKWATER_JOBSERVICE_PORT', jobservice),
      registry: chosen('BREAKWATER_REGISTRY_METRICS_PORT', registry),
      webhook: chosen('BREAKWATER_WEBHOOK_PORT', webhook),
    },
  };
}

function whyNotListening({ host, port }: LocalConfig, { code, message }: NodeJS.ErrnoException): string {
  const anotherPort = 'Choose another: BREAKWATER_PORT=8081 npm start';
  if (code === 'EADDRINUSE') return `Port ${port} is in use by another program. ${anotherPort}`;
  if (code === 'EACCES') return `Port ${port} is only for root. ${anotherPort}`;
  return `Cannot listen on ${host}: ${message}. BREAKWATER_HOST names an address of this machine, or 0.0.0.0 for all.`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
