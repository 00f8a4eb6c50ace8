import { afterAll, beforeAll } from '@jest/globals';
import type { Api } from '../system/api.js';
import { anOwnInstallation } from '../system/own-installation.js';
import { startBucket } from '../system/s3-server.js';
import { describeWithTools } from '../system/tools.js';
import { describeConformance } from './conformance.suite.js';
import { describeConformanceProgram } from './program.suite.js';

describeWithTools(['versitygw'], 'an installation over S3', () => {
  const start = anOwnInstallation('s3');
  let api: Api;
  let bucket: Awaited<ReturnType<typeof startBucket>> | undefined;

  beforeAll(async () => {
    bucket = await startBucket();
    api = (await start({ environment: bucket.environment })).api;
  }, 270_000);
  afterAll(() => bucket?.stop());

  describeConformance('S3 storage', () => api);
  describeConformanceProgram('S3 storage', () => api);
});
