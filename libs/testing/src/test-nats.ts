import { startNatsServer, type NatsServer } from '@breakwater/nats-server';
import { describe } from '@jest/globals';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { lastingPort } from './lasting-port.js';
import { findFromSetup, fromSetup, mustRunAll } from './services/environment.js';
import { claimNatsAccount } from './services/nats-accounts.js';

/** @returns the URL, credentials included, of an empty NATS account with JetStream that nobody else uses. */
export async function testNats(): Promise<{ readonly url: string }> {
  const url = new URL(fromSetup('natsUrl'));
  const { user, password } = await claimNatsAccount(fromSetup('directory'));
  return { url: `nats://${user}:${password}@${url.host}` };
}

/**
 * A nats-server of the test's own, to be killed and started again. Pass what the first start returned to
 * start it again with the same store and address.
 */
export async function startTestNatsServer(again?: StoppedNatsServer): Promise<NatsServer & StoppedNatsServer> {
  const dataDirectory = again?.dataDirectory ?? (await mkdtemp(join(fromSetup('directory'), 'own-nats-')));
  const program = fromSetup('natsProgram');
  const server = await startNatsServer({ program, dataDirectory, port: again?.port ?? (await lastingPort()) });
  return { ...server, dataDirectory };
}

export interface StoppedNatsServer {
  readonly dataDirectory: string;
  readonly port: number;
}

/**
 * `describe` for suites that need NATS: on a machine without nats-server they are skipped by name,
 * or fail where BREAKWATER_REQUIRE_ALL=1 says that nothing may be skipped.
 */
export function describeWithNats(name: string, suite: () => void): void {
  const isPresent = findFromSetup('natsProgram') !== undefined;
  if (isPresent || mustRunAll()) describe(name, suite);
  else describe.skip(`${name} (skipped: no nats-server on this machine)`, suite);
}
