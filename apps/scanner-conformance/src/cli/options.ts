import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { unknownNames } from '../checks/all-checks.js';
import { PROFILES, type Profile } from '../checks/profile.js';

/** The command line, understood. */
export interface Options {
  adapterUrl: URL;
  profile: Profile;
  /** See `authorizationHeaders`. */
  authorization: string | null;
  isInsecure: boolean;
  registryHost: string;
  registryPort: number | null;
  registryListenOn: string;
  scanTimeoutMs: number;
  only: string[];
  submits: number | null;
  maxDatabaseAgeDays: number;
  junitPath: string | null;
  jsonPath: string | null;
  isVerbose: boolean;
}

/** What was typed cannot be understood. The message is for whoever typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const FLAGS = {
  profile: { type: 'string', short: 'p', default: '1.2' },
  authorization: { type: 'string', short: 'a' },
  insecure: { type: 'boolean', short: 'k', default: false },
  'registry-address': { type: 'string', short: 'r' },
  'registry-listen': { type: 'string' },
  timeout: { type: 'string', short: 't', default: '120' },
  only: { type: 'string', short: 'o', multiple: true },
  submits: { type: 'string' },
  'max-database-age': { type: 'string', default: '7' },
  junit: { type: 'string' },
  json: { type: 'string' },
  verbose: { type: 'boolean', short: 'v', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
} as const;

/**
 * @returns what to do, or the word for what to print instead.
 * @throws UsageError
 */
export function parseOptions(args: readonly string[]): Options | 'help' | 'version' | 'list' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  if (values.list) return 'list';
  const [address, ...rest] = positionals;
  if (address === undefined) throw new UsageError('The address of the adapter is missing.');
  if (rest.length > 0) throw new UsageError(`One adapter at a time: what is ${rest.join(' ')}?`);
  const only = (values.only ?? []).flatMap((names) => names.toUpperCase().split(/[\s,]+/)).filter(Boolean);
  const unknown = unknownNames(only);
  if (unknown.length > 0) throw new UsageError(`--only: there is no check or group ${unknown.join(', ')}; see --list.`);
  return {
    adapterUrl: parseAdapterUrl(address),
    profile: parseProfile(values.profile),
    authorization: values.authorization === undefined ? null : readSecret(values.authorization),
    isInsecure: values.insecure,
    ...parseRegistry(values['registry-address'], values['registry-listen']),
    scanTimeoutMs: parseNumber('--timeout', values.timeout, 0.001, 86_400) * 1000,
    only,
    submits: values.submits === undefined ? null : parseNumber('--submits', values.submits, 2, 100_000),
    maxDatabaseAgeDays: parseNumber('--max-database-age', values['max-database-age'], 0, 36_500),
    junitPath: values.junit ?? null,
    jsonPath: values.json ?? null,
    isVerbose: values.verbose,
  };
}

function parse(args: readonly string[]): ReturnType<typeof parseKnown> {
  try {
    return parseKnown(args);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function parseKnown(args: readonly string[]) {
  return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
}

function parseAdapterUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(`${JSON.stringify(text)} is no http or https address; try http://${text}.`);
  if (url.username !== '') throw new UsageError('Credentials do not belong into the address; use --authorization.');
  return url;
}

function parseProfile(text: string): Profile {
  const profile = PROFILES.find((known) => known === text);
  if (profile === undefined) throw new UsageError(`--profile is one of ${PROFILES.join(', ')}.`);
  return profile;
}

/** `@path` reads a file, so that secrets stay out of the list of processes. */
function readSecret(text: string): string {
  if (!text.startsWith('@')) return text;
  try {
    return readFileSync(text.slice(1), 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--authorization: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `host`, `host:port` or `[::1]:port`. */
function parseRegistry(
  address: string | undefined,
  listenOn: string | undefined,
): Pick<Options, 'registryHost' | 'registryPort' | 'registryListenOn'> {
  if (address === undefined)
    return { registryHost: '127.0.0.1', registryPort: null, registryListenOn: listenOn ?? '127.0.0.1' };
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:/[\]]+))(?::(\d{1,5}))?$/i.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? null : Number(match[3]);
  if (host === undefined || (port !== null && (port < 1 || port > 65_500)))
    throw new UsageError('--registry-address is host or host:port, without http://.');
  return { registryHost: host, registryPort: port, registryListenOn: listenOn ?? '0.0.0.0' };
}

function parseNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < min || value > max)
    throw new UsageError(`${name} is a number from ${min} to ${max}.`);
  return value;
}
