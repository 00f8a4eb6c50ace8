import {
  DatabaseConfig,
  Env,
  Fragment,
  GarbageCollectionConfig,
  httpConfig,
  IsUrlWith,
  LogConfig,
  NatsConfig,
  PublicUrlConfig,
  SecretKeyConfig,
  ShutdownConfig,
  StorageConfig,
} from '@breakwater/config';
import { IsOptional, IsString, Max, Min } from 'class-validator';

class RegistryHttpConfig extends httpConfig('REGISTRY', 5000) {}

/** All that the data plane is told by its environment. */
export class RegistryConfig {
  static readonly section = 'Registry';

  @Fragment() readonly http!: RegistryHttpConfig;
  @Fragment() readonly publicUrl!: PublicUrlConfig;
  @Fragment() readonly database!: DatabaseConfig;
  @Fragment() readonly storage!: StorageConfig;
  @Fragment() readonly nats!: NatsConfig;
  @Fragment() readonly secretKey!: SecretKeyConfig;
  @Fragment() readonly garbageCollection!: GarbageCollectionConfig;
  @Fragment() readonly log!: LogConfig;
  @Fragment() readonly shutdown!: ShutdownConfig;

  @Env('BREAKWATER_CORE_URL', {
    describe:
      'Makes this process the front door of a one-machine installation: whatever is not `/v2` is passed on to core ' +
      'there. Left out, everything else is 404 and a proxy in front shares out the paths.',
    default: null,
    type: 'string',
    example: 'http://127.0.0.1:8081',
  })
  @IsOptional()
  @IsUrlWith(['http:', 'https:'])
  readonly coreUrl!: string | null;

  @Env('BREAKWATER_REGISTRY_METRICS_HOST', {
    describe: 'Address of the port for `/metrics` and health. Left out, the one that the registry listens on.',
    default: null,
    type: 'string',
    example: '127.0.0.1',
  })
  @IsOptional()
  @IsString()
  readonly metricsHost!: string | null;

  @Env('BREAKWATER_REGISTRY_METRICS_PORT', {
    describe: 'A port of its own for `/metrics` and health. Left out, `/metrics` is nowhere.',
    default: null,
    type: 'integer',
  })
  @IsOptional()
  @Min(0)
  @Max(65_535)
  readonly metricsPort!: number | null;

  @Env('BREAKWATER_REGISTRY_IDLE_SECONDS', {
    describe: 'A client that neither sends nor takes a byte for so long in the middle of a transfer is cut off.',
    default: 120,
    type: 'seconds',
  })
  @Min(1)
  @Max(86_400)
  readonly idleSeconds!: number;

  @Env('BREAKWATER_MANIFEST_CACHE_BYTES', {
    describe: 'Manifests kept in memory, by digest. Where a tag points is never cached.',
    default: 64 * 2 ** 20,
    type: 'bytes',
    example: '256MiB',
  })
  @Min(0)
  readonly manifestCacheBytes!: number;

  @Env('BREAKWATER_STORAGE_REDIRECT_MIN_BYTES', {
    describe: 'Smaller blobs are passed through even where downloads are redirected: a second connection costs more.',
    default: 2 ** 20,
    type: 'bytes',
    example: '1MiB',
  })
  @Min(0)
  readonly redirectMinBytes!: number;
}
