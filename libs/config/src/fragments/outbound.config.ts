import { IsOptional, Matches, Max, Min } from 'class-validator';
import { Env } from '../env.decorator.js';
import { IsAddressRangesOrHosts, IsUrlWith } from '../validators.js';

/** Calls to addresses that users configure: scanners, webhooks, registries. */
export class OutboundConfig {
  static readonly section = 'Calls to the outside';

  @Env('BREAKWATER_OUTBOUND_ALLOW', {
    describe:
      'Internal addresses that scanners, webhooks and registries may have all the same: addresses, ranges, host names, ' +
      '`*.` names. Everything else that is not on the open internet (private networks, this machine, metadata services) ' +
      'is refused, so that nobody can reach into your network through the registry.',
    default: [],
    type: 'list',
    example: '10.20.0.0/16,scanner.internal,*.svc.cluster.local',
  })
  @IsAddressRangesOrHosts()
  readonly allow!: readonly string[];

  @Env('BREAKWATER_OUTBOUND_CA', {
    describe: 'Certificates (PEM) of authorities that are trusted beside the system’s.',
    default: null,
    type: 'string',
    secret: true,
  })
  @IsOptional()
  @Matches(/-----BEGIN CERTIFICATE-----/, { message: 'must have a certificate in PEM' })
  readonly ca!: string | null;

  @Env('BREAKWATER_OUTBOUND_CONNECT_TIMEOUT_SECONDS', {
    describe: 'How long a connection may take, TLS included.',
    default: 5,
    type: 'seconds',
  })
  @Min(1)
  @Max(60)
  readonly connectTimeoutSeconds!: number;

  @Env('HTTPS_PROXY', {
    describe: 'Proxy for https addresses. It resolves names itself, so it must not lead into your network.',
    default: null,
    type: 'string',
    secret: true,
    example: 'http://proxy:3128',
  })
  @IsOptional()
  @IsUrlWith(['http:', 'https:'])
  readonly httpsProxy!: string | null;

  @Env('HTTP_PROXY', { describe: 'Proxy for http addresses.', default: null, type: 'string', secret: true })
  @IsOptional()
  @IsUrlWith(['http:', 'https:'])
  readonly httpProxy!: string | null;

  @Env('NO_PROXY', {
    describe: 'Hosts that are called directly: names (those below included), addresses, ranges, `*` for all.',
    default: [],
    type: 'list',
  })
  readonly noProxy!: readonly string[];

  /**
   * As `OutboundClient` of libs/outbound takes it.
   *
   * @param named  hosts that other settings name: who runs the installation means them.
   */
  options(named: readonly string[] = []): OutboundSettings {
    return {
      allow: [...this.allow, ...named],
      ...(this.ca === null ? {} : { ca: this.ca }),
      connectTimeoutMs: this.connectTimeoutSeconds * 1000,
      proxy: { httpsUrl: this.httpsProxy, httpUrl: this.httpProxy, except: this.noProxy },
    };
  }
}

/** libs/outbound's own words for what is configured here. */
export interface OutboundSettings {
  readonly allow: readonly string[];
  readonly ca?: string;
  readonly connectTimeoutMs: number;
  readonly proxy: {
    readonly httpsUrl: string | null;
    readonly httpUrl: string | null;
    readonly except: readonly string[];
  };
}
