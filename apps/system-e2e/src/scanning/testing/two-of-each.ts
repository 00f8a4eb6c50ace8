import { afterAll, beforeAll } from '@jest/globals';
import { startTestAdapter, type TestAdapter, type TestAdapterOptions } from '@breakwater/scanner-test-adapter';
import { OciClient } from '../../data-plane/oci-client.js';
import { Cluster, LONG_LIVES } from '../../faults/cluster/cluster.js';
import { HookReceiver } from './hook-receiver.js';
import { pushAnImage, ScanApi, type ScannedImage } from './scanned-image.js';

export const SECRET = 'known to both';
/** Long enough for a scan that goes well beside many others on a busy machine. */
export const SCAN_TIMEOUT_SECONDS = 30;

/** A project with a scanner of its own, everything that happens in it is told. */
export interface ScanningProject {
  readonly name: string;
  readonly adapter: TestAdapter;
}

/** Two jobservices and two dispatchers, and everything that they talk to. */
export class TwoOfEach {
  readonly adapters: TestAdapter[] = [];

  private constructor(
    readonly cluster: Cluster,
    readonly receiver: HookReceiver,
    readonly scans: ScanApi,
  ) {}

  static async start(): Promise<TwoOfEach> {
    const environment = {
      BREAKWATER_OUTBOUND_ALLOW: '127.0.0.1',
      BREAKWATER_JOB_LEASE_SECONDS: '15',
      BREAKWATER_SCAN_TIMEOUT_SECONDS: String(SCAN_TIMEOUT_SECONDS),
      BREAKWATER_SCAN_REPORT_MAX_BYTES: '2MiB',
    };
    const cluster = await Cluster.start({ jobservices: 2, webhooks: 2, lives: LONG_LIVES, environment });
    return new TwoOfEach(cluster, await HookReceiver.start(), new ScanApi(cluster.api));
  }

  async project(options: TestAdapterOptions = {}, hook = this.receiver.url): Promise<ScanningProject> {
    const adapter = await startTestAdapter(options);
    this.adapters.push(adapter);
    const name = await this.scans.project(await this.scans.register(adapter.url, adapter.url));
    await this.scans.tell(name, hook, ['PUSH_ARTIFACT', 'SCANNING_COMPLETED', 'SCANNING_FAILED'], SECRET);
    return { name, adapter };
  }

  push({ name }: ScanningProject, repository: string): Promise<ScannedImage> {
    const { api } = this.cluster;
    return pushAnImage(new OciClient(api.url, api.admin), name, repository);
  }

  async stop(): Promise<void> {
    this.receiver.stop();
    await this.cluster.stop();
    await Promise.all(this.adapters.map((adapter) => adapter.stop()));
  }
}

/** @returns what is there while the suite runs. */
export function twoOfEach(): () => TwoOfEach {
  let world: TwoOfEach | undefined;
  beforeAll(async () => {
    world = await TwoOfEach.start();
  }, 270_000);
  afterAll(() => world?.stop(), 60_000);
  return () => {
    if (world === undefined) throw new Error('it has not started');
    return world;
  };
}
