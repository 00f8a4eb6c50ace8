import { filesystemStorage } from './cluster/storage-under-test.js';
import { describeKillAtRandom } from './kill-at-random.suite.js';

describeKillAtRandom({
  storageName: 'the filesystem',
  storage: filesystemStorage,
  seconds: 45,
  maxLayerBytes: 2_000_000,
});
