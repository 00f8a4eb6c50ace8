import { describe, expect, it } from '@jest/globals';
import { docker } from '../clients/docker.js';
import { describeImageClient } from '../clients/image-client.suite.js';
import { regctl } from '../clients/regctl.js';
import { skopeo } from '../clients/skopeo.js';
import { describeConformance } from '../conformance/conformance.suite.js';
import { describeConformanceProgram } from '../conformance/program.suite.js';
import { describeAlternatingUploads } from './alternating-uploads.checks.js';
import { describeRevocation } from './revocation.checks.js';
import { twoReplicas } from './two-replicas.js';

describe('two replicas, each request to the next one', () => {
  const replicas = twoReplicas();
  const api = (): (typeof replicas)['api'] => replicas.api;

  describeConformance('two replicas', api);
  describeConformanceProgram('two replicas', api);
  for (const client of [skopeo, regctl, docker]) describeImageClient(client, { api, isTransferOnly: true });
  describeAlternatingUploads(replicas);
  describeRevocation(replicas);

  it('gave as much to one as to the other', () => {
    const [first = 0, second = 0] = replicas.proxy.served;
    expect(first).toBeGreaterThan(100);
    expect(Math.abs(first - second)).toBeLessThanOrEqual(1);
  });
});
