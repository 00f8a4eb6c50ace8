import { createAccounts, type Accounts } from '@breakwater/accounts';
import { ArtifactOverviews, createCatalog, ScanTargets, type Catalog } from '@breakwater/catalog';
import { loadConfig, SecretBox } from '@breakwater/config';
import { Outbox } from '@breakwater/database';
import { createJobs, type Jobs } from '@breakwater/jobs';
import { SILENT } from '@breakwater/observability';
import { Digest, MediaType, RepositoryName, Tag, type Reference } from '@breakwater/oci';
import { OutboundClient } from '@breakwater/outbound';
import { ScannerClient } from '@breakwater/scanner-client';
import type { Vulnerability } from '@breakwater/scanner-spec';
import { createScanning, createScans, type Scans } from '@breakwater/scanning';
import { NodeProcess, eventually } from '@breakwater/testing';
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { JobserviceConfig } from '../jobservice.config.js';
import { startJobservice, type RunningJobservice } from '../start-jobservice.js';
import { createJobWorld, type JobWorld } from './job-world.js';

/** A jobservice, an adapter in a process of its own, and a registry that the adapter pulls from. */
export interface ScanLab {
  readonly world: JobWorld;
  readonly catalog: Catalog;
  readonly jobs: Jobs;
  readonly scans: Scans;
  readonly projectId: number;
  /** As a push, with what the adapter will find. */
  pushImage(repository: string, findings: readonly Partial<Vulnerability>[]): Promise<PushedImage>;
  scan(image: PushedImage, kind?: 'vulnerability' | 'sbom'): Promise<void>;
  /** Until every task has ended. */
  idle(): Promise<void>;
  /** The last report of an artifact, as its row is. */
  report(image: PushedImage, kind?: string): Promise<ReportRow>;
  setFaults(faults: object): Promise<void>;
  close(): Promise<void>;
}

export interface PushedImage {
  readonly name: RepositoryName;
  readonly digest: Digest;
  readonly reference: Reference;
}

export interface ReportRow {
  readonly status: string;
  readonly status_message: string;
  readonly task_id: string;
  readonly total_count: number;
  readonly severity: string | null;
  readonly sbom_digests: Readonly<Record<string, Digest>> | null;
}

export async function createScanLab(over: Readonly<Record<string, string>> = {}): Promise<ScanLab> {
  const world = await createJobWorld();
  const { database, store } = world;
  const outbox = new Outbox();
  const catalog = createCatalog({ database, store, outbox, options: CATALOG });
  const box = new SecretBox([Buffer.from(world.environment['BREAKWATER_SECRET_KEY'] ?? '', 'base64')]);
  const accounts = createAccounts({
    database,
    outbox,
    notifier: {
      accountsChanged: () => undefined,
      membersChanged: () => undefined,
      signingKeysChanged: () => undefined,
    },
    sealer: {
      seal: (text) => box.seal(text, 'accounts/signing-key'),
      open: (text) => box.open(text, 'accounts/signing-key'),
    },
    options: { staleMs: 0 },
  });
  const registry = await serveRegistry(catalog, accounts, store);
  const registryUrl = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  const adapter = new NodeProcess(new URL('../../../scanner-test-adapter/src/main.ts', import.meta.url), {
    SCANNER_TEST_ADAPTER_PORT: '0',
  });
  const adapterUrl = await addressOf(adapter);
  const config = loadConfig(
    JobserviceConfig,
    {
      ...world.environment,
      BREAKWATER_OUTBOUND_ALLOW: '127.0.0.1',
      BREAKWATER_SCAN_REGISTRY_URL: registryUrl,
      BREAKWATER_SCAN_INTERNAL_REGISTRY_URL: `${registryUrl}${INTERNAL}`,
      BREAKWATER_SCAN_REPORT_MAX_BYTES: '2MiB',
      ...over,
    },
    () => undefined,
  );
  const running: RunningJobservice = await startJobservice(config, SILENT, new AbortController().signal);
  const jobs = createJobs({ database, outbox, onFailure });
  const { scanners, adapters } = createScanning({
    database,
    outbox,
    sealer: box,
    client: new ScannerClient(new OutboundClient({ ...config.outbound.options() })),
    notifier: { scanPolicyChanged: () => undefined },
  });
  const scans = createScans({
    ...{ database, outbox, scanners, adapters },
    ...{ targets: new ScanTargets(), overviews: new ArtifactOverviews() },
    ...{
      jobs: jobs.service,
      executions: jobs.reader,
      schedules: jobs.schedules,
      credentials: accounts.pullCredentials,
    },
  });
  for (const type of ['IMAGE_SCAN', 'SBOM'] as const)
    jobs.hooks.onTasksEnded(type, (tx, tasks) => scans.ends.ended(tx, tasks));
  const [project] = await database.rows<{ id: number }>(
    `INSERT INTO project (name, owner_id) VALUES ('team', 1) RETURNING id`,
  );
  const projectId = project?.id ?? 0;
  await database.rows(
    `INSERT INTO scanner_registration (name, url, is_default) VALUES ('test', $1, true) RETURNING id`,
    [adapterUrl],
  );
  return {
    world,
    catalog,
    jobs,
    scans,
    projectId,
    async pushImage(repository, findings) {
      const name = RepositoryName.parse(`team/${repository}`);
      const facts = await catalog.projects.find('team');
      if (facts === null) throw new Error('there is no project');
      const put = async (content: Buffer): Promise<object> => {
        await catalog.uploads.putWhole(facts, name, CI, digestOf(content), Readable.from([content]), NEVER);
        return { digest: digestOf(content), size: content.byteLength };
      };
      const config = Buffer.from(JSON.stringify({ os: 'linux', salt: randomBytes(8).toString('hex') }));
      const layer = randomBytes(64);
      const manifest = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: MediaType.OciManifest,
          config: { mediaType: MediaType.OciConfig, ...(await put(config)) },
          layers: [{ mediaType: MediaType.OciLayerGzip, ...(await put(layer)) }],
          annotations: { 'org.breakwater.test.findings': JSON.stringify(findings) },
        }),
      );
      const { digest } = await catalog.manifests.put(facts, name, CI, {
        reference: { kind: 'digest', digest: digestOf(manifest) },
        tags: [Tag.parse('v1')],
        mediaType: MediaType.OciManifest,
        content: manifest,
        digestOf: () => digestOf(manifest),
      });
      return { name, digest, reference: { kind: 'digest', digest } };
    },
    scan: ({ name, reference }, kind = 'vulnerability') =>
      scans.scans.scan({ projectId, name }, kind, { by: 'carla', trigger: 'MANUAL', reference }),
    idle: () =>
      eventually(async () => {
        const rows = await database.rows(
          `SELECT FROM task WHERE status IN ('Pending', 'Scheduled', 'Running') AND type IN ('IMAGE_SCAN', 'SBOM', 'SCAN_ALL', 'SCAN_DATA_EXPORT')`,
        );
        if (rows.length > 0) throw new Error('tasks are under way');
      }),
    async report({ digest }, kind = 'vulnerability') {
      const [row] = await database.rows<ReportRow>(
        `SELECT report.* FROM scan_report report JOIN artifact ON artifact.id = report.artifact_id
         WHERE artifact.digest = $1 AND report.kind = $2 AND report.is_latest`,
        [digest, kind],
      );
      if (row === undefined) throw new Error('there is no report');
      return row;
    },
    async setFaults(faults) {
      const response = await fetch(`${adapterUrl}/_test/faults`, { method: 'PUT', body: JSON.stringify(faults) });
      if (!response.ok) throw new Error(await response.text());
    },
    async close() {
      await running.stop();
      adapter.kill('SIGTERM');
      await adapter.ended;
      registry.closeAllConnections();
      registry.close();
      await catalog.close();
      await world.close();
    },
  };
}

const CI = { key: 'robot:3', name: 'robot$ci' };
const NEVER = new AbortController().signal;
/** Before the paths of the address inside of the installation. */
const INTERNAL = '/internal';
const CATALOG = {
  ...{ blobLeaseSeconds: 3600, trashSeconds: 3600, uploadTtlSeconds: 3600, uploadWriterSeconds: 30, projectTtlMs: 0 },
};

function digestOf(content: Buffer): Digest {
  return Digest.of('sha256', createHash('sha256').update(content).digest('hex'));
}

async function addressOf(adapter: NodeProcess): Promise<string> {
  await eventually(() => {
    if (!adapter.hasSaid('http://')) throw new Error('the adapter has not said where it is');
    return Promise.resolve();
  });
  return adapter.said().trim().split('\n')[0] ?? '';
}

/** What an adapter needs of a registry: manifests and blobs by digest, for who shows a credential of a scan. */
async function serveRegistry(catalog: Catalog, accounts: Accounts, store: JobWorld['store']): Promise<Server> {
  const answer = async ({ url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = url.startsWith(INTERNAL) ? url.slice(INTERNAL.length) : url;
    const [, name = '', what, digest = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/(sha256:[0-9a-f]{64})$/.exec(path) ?? [];
    const [scheme, credentials = ''] = (headers.authorization ?? '').split(' ');
    const [username = '', secret = ''] = Buffer.from(credentials, 'base64').toString().split(':');
    const actor =
      scheme === 'Basic' ? await accounts.authenticator.byPassword(username, secret, 'test').catch(() => null) : null;
    if (actor?.kind !== 'scanner' || actor.repository !== name) return void response.writeHead(401).end();
    const repository = RepositoryName.parse(name);
    if (what === 'manifests') {
      const found = await catalog.artifacts.find(repository, { kind: 'digest', digest: digest as Digest });
      if (found === null) return void response.writeHead(404).end();
      const type = { 'content-type': found.mediaType };
      return void response.writeHead(200, type).end(await catalog.artifacts.content(found));
    }
    const blob = await catalog.blobs.find(repository, digest as Digest);
    if (blob === null) return void response.writeHead(404).end();
    const reader = await store.read(blob.objectKey);
    response.writeHead(200).end(await buffer(reader.stream()));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** A hook that throws is a mistake of the test. */
function onFailure(error: unknown): never {
  throw error;
}
