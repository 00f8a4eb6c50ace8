import { IsOptional, Max, Min } from 'class-validator';
import { Env } from '../env.decorator.js';
import { IsUrlWith } from '../validators.js';

/** What scanners are told, and how much is expected of them. */
export class ScanConfig {
  static readonly section = 'Scans';

  @Env('BREAKWATER_SCAN_REGISTRY_URL', {
    describe:
      'Where scanners pull from. Left out, it is the public address; where there is none either, `http://localhost:8080`.',
    default: null,
    type: 'string',
    example: 'https://registry.example.com',
  })
  @IsOptional()
  @IsUrlWith(['http:', 'https:'])
  readonly registryUrl!: string | null;

  @Env('BREAKWATER_SCAN_INTERNAL_REGISTRY_URL', {
    describe:
      'Where scanners pull from that are registered to use the internal address. Left out, they are told the same as ' +
      'the others.',
    default: null,
    type: 'string',
    example: 'http://registry:8080',
  })
  @IsOptional()
  @IsUrlWith(['http:', 'https:'])
  readonly internalRegistryUrl!: string | null;

  @Env('BREAKWATER_SCAN_TIMEOUT_SECONDS', {
    describe: 'How long one scan may take, from the request to the last byte of the report. What takes longer failed.',
    default: 1800,
    type: 'seconds',
  })
  @Min(10)
  @Max(7000)
  readonly timeoutSeconds!: number;

  @Env('BREAKWATER_SCAN_REPORT_MAX_BYTES', {
    describe: 'A larger report is not taken.',
    default: 268_435_456,
    type: 'bytes',
    example: '256MiB',
  })
  @Min(1_048_576)
  readonly maxReportBytes!: number;
}
