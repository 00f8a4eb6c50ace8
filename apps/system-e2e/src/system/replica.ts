import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastingPort } from '@breakwater/testing';
import { environmentOf, processOf } from './processes.js';
import { HOME } from './start-installation.js';

const READY_WITHIN_MS = 60_000;

/** One more process of an app, beside those of a running installation and with their settings. */
export interface Replica {
  readonly port: number;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/**
 * Starts one more registry over the same database, storage and NATS.
 *
 * @param dataDirectory  of the running installation, which tells its processes there.
 * @param environment  instead of what the running registry has.
 */
export async function startRegistryReplica(
  dataDirectory: string,
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Replica> {
  const [port, metricsPort] = [await lastingPort(), await lastingPort()];
  const child = spawn(process.execPath, ['--enable-source-maps', join(HOME, 'apps/registry/dist/main.js')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environmentOf(processOf(dataDirectory, 'registry')),
      BREAKWATER_REGISTRY_PORT: String(port),
      BREAKWATER_REGISTRY_METRICS_PORT: String(metricsPort),
      ...environment,
    },
  });
  const log = createWriteStream(join(dataDirectory, 'logs', `${name}.log`), { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
  await ready(child, `http://127.0.0.1:${metricsPort}/healthz/ready`);
  return {
    port,
    process: child,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }
      log.end();
    },
  };
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the replica is not ready at ${url}`);
    await delay(50);
  }
}
