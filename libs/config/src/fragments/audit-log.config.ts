import { Max, Min } from 'class-validator';
import { Env } from '../env.decorator.js';

export class AuditLogConfig {
  static readonly section = 'Audit log';

  @Env('BREAKWATER_AUDIT_KEEP_DAYS', {
    describe: 'Rows of the audit log that are older go, every night. 0: none ever goes.',
    default: 0,
  })
  @Min(0)
  @Max(10_000)
  readonly keepDays!: number;
}
