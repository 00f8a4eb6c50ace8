import { IsIn, IsNotEmpty, IsOptional, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { Env } from '../env.decorator.js';
import { IsUrlWith } from '../validators.js';

const MIB = 2 ** 20;
const withS3 = ValidateIf((storage: StorageConfig) => storage.driver === 's3');

export class StorageConfig {
  static readonly section = 'Storage of blobs';

  @Env('BREAKWATER_STORAGE_DRIVER', {
    describe: 'Where blobs are kept: `filesystem` for one machine, `s3` for clusters.',
    default: 'filesystem',
    type: 'string',
    example: 's3',
  })
  @IsIn(['filesystem', 's3'])
  readonly driver!: 'filesystem' | 's3';

  @Env('BREAKWATER_STORAGE_PATH', {
    describe: 'Folder of the filesystem driver. Every process that reads blobs needs the same one.',
    default: null,
    type: 'string',
    example: '/var/lib/breakwater',
  })
  @ValidateIf((storage: StorageConfig) => storage.driver === 'filesystem')
  @IsNotEmpty({ message: 'is required when BREAKWATER_STORAGE_DRIVER is filesystem' })
  readonly path!: string | null;

  @Env('BREAKWATER_STORAGE_SENDFILE', {
    describe:
      'Let the kernel copy a blob from file to socket (sendfile) where it can: filesystem driver, 64-bit Linux, a ' +
      'connection without TLS of its own.',
    default: true,
  })
  readonly usesSendfile!: boolean;

  @Env('BREAKWATER_STORAGE_REDIRECT', {
    describe:
      'Send clients that download a blob to a presigned S3 address instead of passing the bytes through. ' +
      'Clients must reach that address themselves.',
    default: false,
  })
  readonly isRedirecting!: boolean;

  @Env('BREAKWATER_STORAGE_REDIRECT_SECONDS', {
    describe: 'How long a presigned address is good for.',
    default: 1200,
    type: 'seconds',
  })
  @Min(10)
  @Max(604_800)
  readonly redirectTtlSeconds!: number;

  @Env('BREAKWATER_S3_BUCKET', { describe: 'The bucket.', default: null, type: 'string' })
  @withS3
  @IsNotEmpty({ message: 'is required when BREAKWATER_STORAGE_DRIVER is s3' })
  readonly s3Bucket!: string | null;

  @Env('BREAKWATER_S3_REGION', { describe: 'Region of the bucket.', default: 'us-east-1' })
  readonly s3Region!: string;

  @Env('BREAKWATER_S3_ENDPOINT', {
    describe: 'Address of an S3 server other than AWS.',
    default: null,
    type: 'string',
    example: 'https://minio:9000',
  })
  @IsOptional()
  @IsUrlWith(['http:', 'https:'])
  readonly s3Endpoint!: string | null;

  @Env('BREAKWATER_S3_FORCE_PATH_STYLE', {
    describe: 'Put the bucket into the path instead of the host name. Most servers other than AWS need it.',
    default: false,
  })
  readonly isS3PathStyle!: boolean;

  @Env('BREAKWATER_S3_ACCESS_KEY_ID', {
    describe: 'Left out, credentials come from the instance or the service account.',
    default: null,
    type: 'string',
  })
  readonly s3AccessKeyId!: string | null;

  @Env('BREAKWATER_S3_SECRET_ACCESS_KEY', {
    describe: 'Belongs to the access key id.',
    default: null,
    type: 'string',
    secret: true,
  })
  @ValidateIf((storage: StorageConfig) => storage.s3AccessKeyId !== null)
  @IsNotEmpty({ message: 'is required beside BREAKWATER_S3_ACCESS_KEY_ID' })
  readonly s3SecretAccessKey!: string | null;

  @Env('BREAKWATER_S3_PREFIX', {
    describe: 'Put before every key, to share a bucket.',
    default: '',
    example: 'registry/',
  })
  @MaxLength(256)
  readonly s3Prefix!: string;

  @Env('BREAKWATER_S3_PART_BYTES', {
    describe:
      'Size of a part of a multipart upload. S3 takes 10 000 parts, so this bounds the largest blob whose size the ' +
      'client does not say in advance. An upload holds up to three parts in memory.',
    default: 8 * MIB,
    type: 'bytes',
    example: '32MiB',
  })
  @Min(5 * MIB)
  @Max(5 * 1024 * MIB)
  readonly s3PartSizeBytes!: number;

  /** As `createBlobStore` of libs/storage takes it. */
  options(): StorageOptions {
    if (this.driver === 'filesystem')
      return { driver: 'filesystem', root: this.path ?? '', usesSendfile: this.usesSendfile };
    return {
      driver: 's3',
      bucket: this.s3Bucket ?? '',
      region: this.s3Region,
      forcePathStyle: this.isS3PathStyle,
      prefix: this.s3Prefix,
      partSizeBytes: this.s3PartSizeBytes,
      ...(this.s3Endpoint === null ? {} : { endpoint: this.s3Endpoint }),
      ...(this.s3AccessKeyId === null || this.s3SecretAccessKey === null
        ? {}
        : { accessKeyId: this.s3AccessKeyId, secretAccessKey: this.s3SecretAccessKey }),
    };
  }
}

/** The storage's own words for what is configured here. */
export type StorageOptions =
  | { readonly driver: 'filesystem'; readonly root: string; readonly usesSendfile: boolean }
  | {
      readonly driver: 's3';
      readonly bucket: string;
      readonly region: string;
      readonly endpoint?: string;
      readonly accessKeyId?: string;
      readonly secretAccessKey?: string;
      readonly forcePathStyle: boolean;
      readonly prefix: string;
      readonly partSizeBytes: number;
    };
