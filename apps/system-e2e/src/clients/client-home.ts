import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, succeed, type Outcome, type RunOptions } from '../system/tools.js';

/** A home folder of a client's own: its settings and who is logged in. Every program here keeps both below it. */
export class ClientHome {
  /** @param registry  `host:port` of the registry that the client is to talk to. */
  constructor(
    readonly directory: string,
    readonly registry: string,
  ) {
    mkdirSync(directory, { recursive: true });
    // Several programs refuse a named folder without this file.
    writeFileSync(join(directory, 'config.json'), '{}');
  }

  run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run(program, args, this.with(options));
  }

  succeed(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return succeed(program, args, this.with(options));
  }

  private with(options: RunOptions): RunOptions {
    const env = {
      HOME: this.directory,
      DOCKER_CONFIG: this.directory,
      REGISTRY_AUTH_FILE: join(this.directory, 'config.json'),
      XDG_CONFIG_HOME: join(this.directory, 'config'),
      XDG_CACHE_HOME: join(this.directory, 'cache'),
      XDG_DATA_HOME: join(this.directory, 'data'),
    };
    return { ...options, env: { ...env, ...options.env } };
  }
}
