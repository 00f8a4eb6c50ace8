import { describeWithTools } from '../system/tools.js';
import { s3Storage } from './cluster/storage-under-test.js';
import { describeKillAtRandom } from './kill-at-random.suite.js';

describeWithTools(['versitygw'], 'S3', () =>
  describeKillAtRandom({
    storageName: 'S3',
    storage: s3Storage,
    seconds: 20,
    // Some layers are more than one part of a multipart upload.
    maxLayerBytes: 12_000_000,
  }),
);
