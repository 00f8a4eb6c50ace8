import { afterAll, beforeAll } from '@jest/globals';
import { Api } from '../system/api.js';
import { installation } from '../system/installation.js';
import { startRegistryReplica, type Replica } from '../system/replica.js';
import { RoundRobinProxy } from './round-robin-proxy.js';

/** Two registries over one database, one storage and one NATS, and the one address in front of them. */
export interface TwoReplicas {
  /** Every request of the API and the data plane goes to the next replica. */
  readonly api: Api;
  /** Of each replica alone. */
  readonly urls: readonly string[];
  readonly proxy: RoundRobinProxy;
}

/** @returns what is there while the suite runs. */
export function twoReplicas(): TwoReplicas {
  const replicas: Replica[] = [];
  let proxy: RoundRobinProxy | undefined;
  let api: Api | undefined;

  beforeAll(async () => {
    const ports = [0, 0];
    proxy = new RoundRobinProxy(ports);
    const url = await proxy.listen();
    for (const index of ports.keys()) {
      const replica = await startRegistryReplica(installation().dataDirectory, `replica-${index}`, {
        BREAKWATER_PUBLIC_URL: url,
      });
      replicas.push(replica);
      ports[index] = replica.port;
    }
    api = new Api(url, { username: 'admin', password: installation().adminPassword });
  }, 120_000);
  afterAll(async () => {
    await proxy?.close();
    for (const replica of replicas) await replica.stop();
  }, 60_000);

  return {
    get api() {
      return there(api);
    },
    get urls() {
      return replicas.map(({ port }) => `http://127.0.0.1:${port}`);
    },
    get proxy() {
      return there(proxy);
    },
  };
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the replicas are there only while the suite runs');
  return value;
}
