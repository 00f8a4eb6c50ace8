import { Min } from 'class-validator';
import { Env } from '../env.decorator.js';

export class GarbageCollectionConfig {
  static readonly section = 'Garbage collection';

  @Env('BREAKWATER_GC_INTERVAL_SECONDS', {
    describe: 'Pause between two rounds of the collector. Pushes and pulls go on meanwhile.',
    default: 60,
    type: 'seconds',
  })
  @Min(1)
  readonly intervalSeconds!: number;

  @Env('BREAKWATER_BLOB_LEASE_SECONDS', {
    describe:
      'How long a blob that no artifact refers to is kept, counted from the last time that a client saw it. ' +
      'Longer than any push may take.',
    default: 86_400,
    type: 'seconds',
    example: '24h',
  })
  @Min(1)
  readonly blobLeaseSeconds!: number;

  @Env('BREAKWATER_TRASH_SECONDS', {
    describe: 'How long deleted artifacts, tags and repositories can be restored before their bytes are freed.',
    default: 604_800,
    type: 'seconds',
    example: '7d',
  })
  @Min(0)
  readonly trashSeconds!: number;

  @Env('BREAKWATER_UPLOAD_TTL_SECONDS', {
    describe: 'How long an upload that does not go on can be resumed.',
    default: 604_800,
    type: 'seconds',
    example: '7d',
  })
  @Min(1)
  readonly uploadTtlSeconds!: number;
}
