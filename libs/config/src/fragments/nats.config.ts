import { IsOptional } from 'class-validator';
import { Env } from '../env.decorator.js';
import { IsUrlWith } from '../validators.js';

export class NatsConfig {
  static readonly section = 'NATS';

  @Env('BREAKWATER_NATS_URL', {
    describe:
      'The NATS server, with JetStream on. Without one, pushes and pulls work and events wait in PostgreSQL; ' +
      'replicas then learn of each other’s changes only when their caches expire.',
    default: null,
    secret: true,
    type: 'string',
    example: 'nats://user:…@nats:4222',
  })
  @IsOptional()
  @IsUrlWith(['nats:', 'tls:'])
  readonly url!: string | null;
}
