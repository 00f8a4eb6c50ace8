import { Max, Min } from 'class-validator';
import { Env } from '../env.decorator.js';

export class JobsConfig {
  static readonly section = 'Jobs';

  @Env('BREAKWATER_JOB_WORKERS', {
    describe:
      'Tasks that one jobservice runs at once. Most of them wait for somebody else (a scanner, a registry), so it may ' +
      'be many more than there are cores.',
    default: 50,
  })
  @Min(1)
  @Max(1_000)
  readonly workers!: number;

  @Env('BREAKWATER_JOB_LEASE_SECONDS', {
    describe:
      'A jobservice that is silent for so long is taken for dead, and its tasks are begun again by others. Less finds ' +
      'the dead sooner, more bears longer pauses of the living.',
    default: 30,
    type: 'seconds',
  })
  @Min(3)
  readonly leaseSeconds!: number;
}
