import { Min } from 'class-validator';
import { Env } from '../env.decorator.js';

export class ShutdownConfig {
  static readonly section = 'Shutdown';

  @Env('BREAKWATER_SHUTDOWN_GRACE_SECONDS', {
    describe: 'How long work in flight may take after SIGTERM. Less than the platform waits before it kills.',
    default: 25,
    type: 'seconds',
  })
  @Min(0)
  readonly graceSeconds!: number;
}
