import { IsIn } from 'class-validator';
import { Env } from '../env.decorator.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export class LogConfig {
  static readonly section = 'Log';

  @Env('BREAKWATER_LOG_LEVEL', {
    describe: 'The least that is logged. `debug` tells every request.',
    default: 'info',
    type: 'string',
  })
  @IsIn(LOG_LEVELS)
  readonly level!: LogLevel;
}
