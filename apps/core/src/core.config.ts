import {
  BuiltInScannerConfig,
  DatabaseConfig,
  Env,
  Fragment,
  GarbageCollectionConfig,
  httpConfig,
  LogConfig,
  NatsConfig,
  OutboundConfig,
  PublicUrlConfig,
  SecretKeyConfig,
  ShutdownConfig,
  StorageConfig,
} from '@breakwater/config';
import { IsOptional, Max, Min, ValidateBy } from 'class-validator';

class CoreHttpConfig extends httpConfig('CORE', 8080) {}

/** All that the control plane is told by its environment. */
export class CoreConfig {
  static readonly section = 'Core';

  @Fragment() readonly http!: CoreHttpConfig;
  @Fragment() readonly publicUrl!: PublicUrlConfig;
  @Fragment() readonly database!: DatabaseConfig;
  @Fragment() readonly storage!: StorageConfig;
  @Fragment() readonly nats!: NatsConfig;
  @Fragment() readonly secretKey!: SecretKeyConfig;
  @Fragment() readonly garbageCollection!: GarbageCollectionConfig;
  @Fragment() readonly outbound!: OutboundConfig;
  @Fragment() readonly builtInScanner!: BuiltInScannerConfig;
  @Fragment() readonly log!: LogConfig;
  @Fragment() readonly shutdown!: ShutdownConfig;

  @Env('BREAKWATER_ADMIN_PASSWORD', {
    describe:
      'Password of the first administrator, `admin`. Needed at the first start, when there is no account yet, and ' +
      'without effect afterwards. 8 to 128 characters with an upper-case letter, a lower-case letter and a digit.',
    default: null,
    secret: true,
    type: 'string',
  })
  readonly adminPassword!: string | null;

  @Env('BREAKWATER_TOKEN_SECONDS', {
    describe:
      'Life of a registry token. What it allows is checked at every use, so a longer one costs no safety; a push that ' +
      'takes longer asks for another.',
    default: 1800,
    type: 'seconds',
  })
  @Min(60)
  @Max(86_400)
  readonly tokenTtlSeconds!: number;

  @Env('BREAKWATER_CORE_METRICS_PORT', {
    describe: 'A port of its own for `/metrics` and health, on the same address. Left out, `/metrics` is nowhere.',
    default: null,
    type: 'integer',
  })
  @IsOptional()
  @Min(0)
  @Max(65_535)
  readonly metricsPort!: number | null;

  @Env('BREAKWATER_CA_FILE', {
    describe: 'Certificate authority, as PEM, that clients can download if their machines do not know it.',
    default: null,
    type: 'string',
    example: '/etc/breakwater/ca.crt',
  })
  readonly caFile!: string | null;

  @Env('BREAKWATER_HEALTH_COMPONENTS', {
    describe:
      'Parts of the installation that `GET /api/v2.0/health` tells of besides core, PostgreSQL, the storage and NATS: ' +
      'each a name, `=`, and an address that answers 200 while the part serves.',
    default: [],
    type: 'list',
    example: 'registry=http://registry:5001/healthz/ready,jobservice=http://jobservice:8082/healthz/ready',
  })
  @IsComponents()
  readonly healthComponents!: readonly string[];
}

function IsComponents(): PropertyDecorator {
  return ValidateBy({
    name: 'isComponents',
    validator: {
      validate: (value) => Array.isArray(value) && value.every((text) => findComponent(String(text)) !== null),
      defaultMessage: () => 'must be parts such as registry=http://registry:5001/healthz/ready',
    },
  });
}

/** A part of the installation and where it tells how it is; null for another text. */
export function findComponent(text: string): { readonly name: string; readonly url: string } | null {
  const [, name, url] = /^([a-z][a-z0-9-]*)=(https?:\/\/.+)$/.exec(text) ?? [];
  return name !== undefined && url !== undefined && URL.canParse(url) ? { name, url } : null;
}
