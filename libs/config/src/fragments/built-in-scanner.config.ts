import { IsOptional } from 'class-validator';
import { Env } from '../env.decorator.js';
import { IsUrlWith } from '../validators.js';

/** The scanner that comes with the installation. */
export class BuiltInScannerConfig {
  static readonly section = 'Scanners';

  @Env('BREAKWATER_TRIVY_ADAPTER_URL', {
    describe:
      'Address of the Trivy adapter of the installation. With it there is a scanner `Trivy` from the start, the default ' +
      'until an administrator makes another one so; its host may be called though it is internal.',
    default: null,
    type: 'string',
    example: 'http://trivy-adapter:8080',
  })
  @IsOptional()
  @IsUrlWith(['http:', 'https:'])
  readonly url!: string | null;

  /** For the allow-list of calls to the outside: who runs the installation has named it. */
  allowedHosts(): readonly string[] {
    return this.url === null ? [] : [new URL(this.url).hostname.replace(/^\[|\]$/g, '')];
  }
}
