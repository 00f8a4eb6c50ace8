import { Max, Min } from 'class-validator';
import { Env } from '../env.decorator.js';
import { IsUrlWith } from '../validators.js';

export class DatabaseConfig {
  static readonly section = 'PostgreSQL';

  @Env('BREAKWATER_DATABASE_URL', {
    describe: 'The database. TLS and other options as libpq writes them in a URL.',
    secret: true,
    example: 'postgresql://breakwater:…@db:5432/breakwater?sslmode=verify-full',
  })
  @IsUrlWith(['postgres:', 'postgresql:'])
  readonly url!: string;

  @Env('BREAKWATER_DATABASE_POOL_SIZE', {
    describe:
      'Most connections of one process at once. All replicas together must stay below `max_connections` of the server.',
    default: 20,
  })
  @Min(2)
  @Max(500)
  readonly poolSize!: number;
}
