import {
  DatabaseConfig,
  Env,
  Fragment,
  httpConfig,
  LogConfig,
  NatsConfig,
  PublicUrlConfig,
  SecretKeyConfig,
  ShutdownConfig,
  StorageConfig,
} from '@breakwater/config';
import { IsOptional, Max, Min } from 'class-validator';

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
}
