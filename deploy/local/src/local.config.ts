import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join, resolve } from 'node:path';

/** Where a one-machine installation keeps everything, and what it was told by the environment. */
export interface LocalConfig {
  /** Root of the checkout. */
  readonly home: string;
  readonly dataDirectory: string;
  /** The one port that people use. */
  readonly port: number;
  readonly host: string;
  /** Set: use this PostgreSQL instead of the embedded one. */
  readonly databaseUrl: string | null;
  /** Set: use this NATS instead of starting one. */
  readonly natsUrl: string | null;
  readonly adminPassword: string | null;
  /** For people here, and for apps that nobody asks: what was told, or how this machine reaches it. */
  readonly publicUrl: string;
  /** For what answers requests: null leaves it to each request, whose address works for whoever sent it. */
  readonly toldPublicUrl: string | null;
  /** Internal addresses that scanners and webhooks may have: this machine's own, unless told otherwise. */
  readonly outboundAllow: string;
  /** Everything else passes to the apps unchanged. */
  readonly environment: NodeJS.ProcessEnv;
}

/** @throws LocalConfigError naming what is wrong. */
export function loadLocalConfig(told: NodeJS.ProcessEnv): LocalConfig {
  const environment = withSecretsRead(told);
  const home = resolve(import.meta.dirname, '../../..');
  const port = Number(environment['BREAKWATER_PORT'] ?? '8080');
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new LocalConfigError('BREAKWATER_PORT must be a port number between 1 and 65535');
  const host = environment['BREAKWATER_HOST'] ?? '127.0.0.1';
  const toldPublicUrl = environment['BREAKWATER_PUBLIC_URL'] || null;
  return {
    home,
    dataDirectory: resolve(home, environment['BREAKWATER_DATA_DIR'] ?? '.data'),
    port,
    host,
    databaseUrl: environment['BREAKWATER_DATABASE_URL'] ?? null,
    natsUrl: environment['BREAKWATER_NATS_URL'] ?? null,
    adminPassword: environment['BREAKWATER_ADMIN_PASSWORD'] ?? null,
    publicUrl: toldPublicUrl ?? `http://${nameOf(host)}:${port}`,
    toldPublicUrl,
    outboundAllow: environment['BREAKWATER_OUTBOUND_ALLOW'] ?? THIS_MACHINE,
    environment,
  };
}

/** Those that are needed here are read here, from the file that `<name>_FILE` names; the apps read the others. */
function withSecretsRead(told: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const environment = { ...told };
  for (const name of SECRETS) {
    const path = told[`${name}_FILE`];
    if (!path) continue;
    if (told[name]) throw new LocalConfigError(`${name} and ${name}_FILE are both set: set one`);
    try {
      environment[name] = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    } catch (error) {
      const { code = 'error' } = error as NodeJS.ErrnoException;
      throw new LocalConfigError(`${name} cannot be read from the file that ${name}_FILE names (${code})`);
    }
    environment[`${name}_FILE`] = undefined;
  }
  return environment;
}

const SECRETS = ['DATABASE_URL', 'NATS_URL', 'ADMIN_PASSWORD', 'SECRET_KEY'].map((name) => `BREAKWATER_${name}`);

/** How this machine names an address that is listened on. */
function nameOf(host: string): string {
  if (['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host)) return 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
}

/** Whoever tries Breakwater out has the scanner and the webhook's listener beside it. Apps on their own allow nothing. */
const THIS_MACHINE = '127.0.0.0/8,::1';

export class LocalConfigError extends Error {}

export const dataPath = (config: LocalConfig, ...parts: string[]): string => join(config.dataDirectory, ...parts);
