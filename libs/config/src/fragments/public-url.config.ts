import { IsOptional } from 'class-validator';
import { Env } from '../env.decorator.js';
import { IsAddressRanges, IsUrlWith } from '../validators.js';

export class PublicUrlConfig {
  static readonly section = 'Public address';

  @Env('BREAKWATER_PUBLIC_URL', {
    describe:
      'Where people and clients reach this installation: token addresses, redirects and links are made from it. ' +
      'Left out, it is taken from each request.',
    default: null,
    type: 'string',
    example: 'https://registry.example.com',
  })
  @IsOptional()
  @IsUrlWith(['http:', 'https:'])
  readonly url!: string | null;

  @Env('BREAKWATER_TRUSTED_PROXIES', {
    describe: 'Whose `X-Forwarded-*` headers are believed. Everybody else’s are ignored.',
    default: [],
    type: 'list',
    example: '10.0.0.0/8,fd00::/8',
  })
  @IsAddressRanges()
  readonly trustedProxies!: readonly string[];
}
