import { IsIP, Max, Min } from 'class-validator';
import { Env, type ConfigClass } from '../env.decorator.js';

/** Where a process listens. */
export interface HttpConfig {
  readonly host: string;
  readonly port: number;
}

/**
 * Each process has names of its own, `BREAKWATER_<PROCESS>_HOST` and `…_PORT`, so that one environment can
 * configure all of them on one machine.
 *
 * The default host is 127.0.0.1: a process that somebody starts by hand is not open to the network unless they
 * say so. The container images set it to 0.0.0.0, where the container's network is the wall.
 *
 * @example export class RegistryHttpConfig extends httpConfig('REGISTRY', 5000) {}
 */
export function httpConfig(processName: string, defaultPort: number): ConfigClass<HttpConfig> {
  const prefix = `BREAKWATER_${processName}`;

  class ProcessHttpConfig implements HttpConfig {
    static readonly section = `HTTP of ${processName.toLowerCase()}`;

    @Env(`${prefix}_HOST`, { describe: 'Address to listen on; `0.0.0.0` or `::` for all.', default: '127.0.0.1' })
    @IsIP()
    readonly host!: string;

    @Env(`${prefix}_PORT`, { describe: 'Port to listen on; 0 takes any free one.', default: defaultPort })
    @Min(0)
    @Max(65_535)
    readonly port!: number;
  }
  return ProcessHttpConfig;
}
