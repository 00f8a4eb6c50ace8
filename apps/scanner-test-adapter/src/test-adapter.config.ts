import { Env } from '@breakwater/config';
import { IsIn, IsIP, Matches, Max, Min } from 'class-validator';
import type { Flavour, SpecVersion, TestAdapterOptions } from './adapter-options.js';
import { parseFaults } from './faults.js';

/** All that the process is told by its environment. */
export class TestAdapterConfig {
  @Env('SCANNER_TEST_ADAPTER_HOST', { describe: 'Address to listen on.', default: '127.0.0.1' })
  @IsIP()
  readonly host!: string;

  @Env('SCANNER_TEST_ADAPTER_PORT', { describe: 'Port to listen on; 0 takes any free one.', default: 8090 })
  @Min(0)
  @Max(65_535)
  readonly port!: number;

  @Env('SCANNER_TEST_ADAPTER_VERSION', { describe: 'Of the specification.', default: '1.2', type: 'string' })
  @IsIn(['1.0', '1.1', '1.2'])
  readonly version!: SpecVersion;

  @Env('SCANNER_TEST_ADAPTER_FLAVOUR', {
    describe: '`trivy` for the ways of that adapter.',
    default: 'plain',
    type: 'string',
  })
  @IsIn(['plain', 'trivy'])
  readonly flavour!: Flavour;

  @Env('SCANNER_TEST_ADAPTER_AUTH', {
    describe: '`Basic user:password`, `Bearer token` or `X-ScannerAdapter-API-Key key`: how callers sign in.',
    default: '',
    secret: true,
  })
  @Matches(/^$|^(?:Basic|Bearer|X-ScannerAdapter-API-Key) .+$/, { message: 'must be a kind and a credential' })
  readonly auth!: string;

  @Env('SCANNER_TEST_ADAPTER_CONCURRENCY', { describe: 'Scans at a time.', default: 4 })
  @Min(1)
  readonly concurrency!: number;

  @Env('SCANNER_TEST_ADAPTER_DERIVED_FINDINGS', {
    describe: 'Findings of an artifact that declares none.',
    default: 0,
  })
  @Min(0)
  readonly derivedFindings!: number;

  @Env('SCANNER_TEST_ADAPTER_FAULTS', { describe: 'Faults to begin with, as JSON.', default: '{}' })
  readonly faults!: string;

  options(): TestAdapterOptions {
    const [kind, ...credential] = this.auth.split(' ');
    return {
      host: this.host,
      port: this.port,
      version: this.version,
      flavour: this.flavour,
      concurrency: this.concurrency,
      derivedFindings: this.derivedFindings,
      faults: parseFaults(JSON.parse(this.faults)),
      ...(this.auth === '' ? {} : { auth: { kind: kind as 'Basic', credential: credential.join(' ') } }),
    };
  }
}
