import { OutboundClient } from '@breakwater/outbound';
import {
  ScannerMediaType,
  SCANNABLE_MANIFEST_TYPES,
  scanRequestOf,
  SPDX,
  type ScanKind,
  type ScanRequest,
} from '@breakwater/scanner-spec';
import {
  startFixtureRegistry,
  startTestAdapter,
  type FixtureArtifact,
  type FixtureRegistry,
  type TestAdapter,
  type TestAdapterOptions,
} from '@breakwater/scanner-test-adapter';
import { systemClock, type Clock } from '../clock.js';
import type { WantedReport } from '../calls/adapter-calls.js';
import type { ReportFile } from '../report-file.js';
import { ScannerClient, type ScanCallOptions, type ScannerClientOptions } from '../scanner-client.js';
import type { ScannerEndpoint } from '../scanner-endpoint.js';

export const FINDINGS = [
  {
    id: 'CVE-2026-1',
    package: 'zlib',
    version: '1.2',
    fix_version: '1.3',
    severity: 'Critical',
    links: ['https://x.test/1'],
  },
  { id: 'CVE-2026-2', package: 'bash', version: '5.0', severity: 'Low', links: [] },
];

/** A client, an adapter and a registry with one image. */
export interface ScanWorld {
  readonly client: ScannerClient;
  readonly adapter: TestAdapter;
  readonly registry: FixtureRegistry;
  readonly endpoint: ScannerEndpoint;
  /** Waits that the client asked for, in ms; none of them was waited for. */
  readonly waits: number[];
  request(kind?: ScanKind, artifact?: FixtureArtifact): ScanRequest;
  stop(): Promise<void>;
}

export const REGISTRY_SECRET = Buffer.from('user:pass:wörd').toString('base64');

export async function createScanWorld(
  adapterOptions: TestAdapterOptions = {},
  clientOptions: ScannerClientOptions = {},
): Promise<ScanWorld> {
  const [adapter, registry] = [await startTestAdapter(adapterOptions), await startFixtureRegistry()];
  const image = registry.add('library/app', FINDINGS);
  const outbound = new OutboundClient({ allow: ['127.0.0.1'] });
  const waits: number[] = [];
  const clock: Clock = {
    ...systemClock,
    random: () => 0.5,
    sleep: async (ms, signal) => {
      waits.push(ms);
      // A moment, or else a loop of questions would leave the adapter no time to scan.
      await systemClock.sleep(Math.min(ms, 5), signal);
    },
  };
  const client = new ScannerClient(outbound, { clock, ...clientOptions });
  const { auth } = adapterOptions;
  return {
    client,
    adapter,
    registry,
    waits,
    endpoint: {
      url: adapter.url,
      auth: auth?.kind ?? '',
      credential: auth?.credential ?? null,
      skipsCertVerify: false,
    },
    request: (kind = 'vulnerability', artifact = image) =>
      scanRequestOf(
        {
          kind,
          registry: { url: registry.url, authorization: `Basic ${REGISTRY_SECRET}`, isInsecure: true },
          artifact: { ...artifact, tag: null, mediaType: SCANNABLE_MANIFEST_TYPES[1], sizeBytes: null },
          reportTypes: [kind === 'sbom' ? ScannerMediaType.SBOM_REPORT : ScannerMediaType.GENERIC_REPORT],
          sbomFormats: kind === 'sbom' ? [SPDX] : [],
        },
        true,
      ),
    stop: async () => {
      await Promise.all([outbound.close(), adapter.stop(), registry.stop()]);
    },
  };
}

/** Hands in a scan and waits for all of its reports. */
export async function scanWith(
  client: ScannerClient,
  { endpoint }: Pick<ScanWorld, 'endpoint'>,
  request: ScanRequest,
  wanted: readonly WantedReport[],
  options: ScanCallOptions = {},
): Promise<ReportFile[]> {
  const scanId = await client.submit(endpoint, request, options);
  const authorization = request.registry.authorization ?? null;
  const files: ReportFile[] = [];
  for (const report of wanted) files.push(await client.report(endpoint, scanId, report, { ...options, authorization }));
  return files;
}
