import { describe, expect, it } from '@jest/globals';
import { Max, Min } from 'class-validator';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from './config.errors.js';
import { Env, Fragment, type ConfigClass } from './env.decorator.js';
import { loadConfig, type Environment } from './load-config.js';

class QueueConfig {
  @Env('BREAKWATER_QUEUE_URL', { describe: 'Where it is.', secret: true })
  readonly url!: string;

  @Env('BREAKWATER_QUEUE_TIMEOUT', { describe: 'How long.', default: 30, type: 'seconds' })
  @Max(3600)
  readonly timeoutSeconds!: number;
}
class BaseConfig {
  @Env('BREAKWATER_NAME', { describe: 'A name.', default: null, type: 'string' })
  readonly name!: string | null;
}
class AppConfig extends BaseConfig {
  @Env('BREAKWATER_WORKERS', { describe: 'How many.', default: 4 })
  @Min(1)
  readonly workers!: number;

  @Env('BREAKWATER_PEERS', { describe: 'Which.', default: [], type: 'list' })
  readonly peers!: readonly string[];

  @Fragment()
  readonly queue!: QueueConfig;
}

describe('loadConfig', () => {
  it('reads variables, defaults, parent classes and fragments', () => {
    const env = { BREAKWATER_QUEUE_URL: 'nats://q', BREAKWATER_QUEUE_TIMEOUT: '2m', BREAKWATER_PEERS: 'a,b' };
    const config = load(AppConfig, env);
    expect(config).toEqual({
      name: null,
      workers: 4,
      peers: ['a', 'b'],
      queue: { url: 'nats://q', timeoutSeconds: 120 },
    });
    expect(config.queue).toBeInstanceOf(QueueConfig);
  });

  it('takes an empty variable as not set', () => {
    expect(load(AppConfig, { BREAKWATER_QUEUE_URL: 'nats://q', BREAKWATER_WORKERS: '' }).workers).toBe(4);
  });

  it('reports every fault by name, and no value', () => {
    const env = { BREAKWATER_WORKERS: '0', BREAKWATER_QUEUE_TIMEOUT: 'hunter2' };
    const error = faultsOf(AppConfig, env);
    expect(error.faults).toEqual([
      { name: 'BREAKWATER_QUEUE_URL', problem: 'is required' },
      { name: 'BREAKWATER_QUEUE_TIMEOUT', problem: expect.stringMatching(/^must be a number of seconds/) },
      { name: 'BREAKWATER_WORKERS', problem: 'must not be less than 1' },
    ] as unknown);
    expect(`${error.message}${JSON.stringify(error.detail)}`).not.toContain('hunter2');
  });

  it('cannot be changed afterwards', () => {
    const config = load(AppConfig, { BREAKWATER_QUEUE_URL: 'nats://q' });
    expect(() => Object.assign(config.queue, { url: 'other' })).toThrow(TypeError);
  });

  it('refuses, when it is declared, a property whose type does not tell how to read it', () => {
    expect(() => {
      class Undecided {
        @Env('BREAKWATER_X', { describe: 'Either.' })
        readonly either!: string | number;
      }
      return Undecided;
    }).toThrow(/BREAKWATER_X/);
  });
});

describe('loadConfig, secrets from files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  const file = join(folder, 'url');

  it('reads the file without its last line break', () => {
    writeFileSync(file, 'nats://secret\n');
    expect(load(AppConfig, { BREAKWATER_QUEUE_URL_FILE: file }).queue.url).toBe('nats://secret');
    rmSync(folder, { recursive: true });
  });

  it('refuses a file that is not there, and both forms at once', () => {
    expect(faultsOf(AppConfig, { BREAKWATER_QUEUE_URL_FILE: '/nowhere' }).message).toMatch(
      /BREAKWATER_QUEUE_URL cannot be read from the file that BREAKWATER_QUEUE_URL_FILE names \(ENOENT\)/,
    );
    const both = { BREAKWATER_QUEUE_URL: 'nats://q', BREAKWATER_QUEUE_URL_FILE: '/nowhere' };
    expect(faultsOf(AppConfig, both).message).toMatch(/set one/);
  });
});

describe('loadConfig, misspelled names', () => {
  it('asks whether a known one was meant', () => {
    const warnings: string[] = [];
    const env = { BREAKWATER_QUEUE_URL: 'nats://q', BREAKWATER_WORKER: '8', BREAKWATER_OF_ANOTHER_PROCESS: '1' };
    loadConfig(AppConfig, env, (text) => warnings.push(text));
    expect(warnings).toEqual(['BREAKWATER_WORKER is not a setting of this process: did you mean BREAKWATER_WORKERS?']);
  });
});

function load<T extends object>(config: ConfigClass<T>, env: Environment): T {
  return loadConfig(config, env, (text) => {
    throw new Error(`unexpected warning: ${text}`);
  });
}

function faultsOf(config: ConfigClass, env: Environment): ConfigError {
  try {
    load(config, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('no fault was found');
}
