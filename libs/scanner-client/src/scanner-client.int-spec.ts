import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@breakwater/testing';
import {
  OutboundAddressRefusedError,
  OutboundClient,
  OutboundTooLargeError,
  OutboundUnreachableError,
} from '@breakwater/outbound';
import {
  CYCLONEDX,
  findingsOf,
  ScannerMediaType,
  SPDX,
  type Vulnerability,
  type VulnerabilityReportHead,
} from '@breakwater/scanner-spec';
import type { Faults } from '@breakwater/scanner-test-adapter';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSbomReport, readVulnerabilityReport } from './read-report.js';
import type { ReportFile } from './report-file.js';
import { DEFAULT_CIRCUIT, ScannerCircuits, type CircuitListener } from './circuits/scanner-circuits.js';
import type { ScanHappening } from './scan-happenings.js';
import { ScannerClient, type ScannerClientOptions } from './scanner-client.js';
import {
  isRetryableScanError,
  ScanFailedError,
  ScanLostError,
  ScannerAnswerError,
  ScannerCircuitOpenError,
  ScannerRefusedError,
  ScannerSignInError,
  ScannerUnavailableError,
  ScanTimeoutError,
} from './scanner.errors.js';
import { createScanWorld, FINDINGS, REGISTRY_SECRET, scanWith, type ScanWorld } from './testing/scan-world.js';

const GENERIC = [{ reportType: ScannerMediaType.GENERIC_REPORT }];
let directory: string;
let world: ScanWorld;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'breakwater-scanner-client-'));
  world = await createScanWorld({}, { temporaryDirectory: directory });
});
afterEach(() => {
  world.adapter.setFaults({});
  world.waits.length = 0;
  // Whatever happened, nothing is left on disk.
  expect(readdirSync(directory)).toEqual([]);
});
afterAll(async () => {
  await world.stop();
  await rm(directory, { recursive: true });
});

async function read(
  files: readonly ReportFile[],
): Promise<VulnerabilityReportHead & { vulnerabilities: Vulnerability[] }> {
  const vulnerabilities: Vulnerability[] = [];
  await using file = files[0];
  if (file === undefined) throw new Error('no report');
  const { report } = await readVulnerabilityReport(file, async (items) => void vulnerabilities.push(...items));
  return { ...report, vulnerabilities };
}

/** A client of its own: what it learns of the adapter is nobody else's. */
function client(options: ScannerClientOptions = {}): ScannerClient {
  const outbound = new OutboundClient({ allow: ['127.0.0.1'] });
  clients.push(outbound);
  const clock = (world.client as unknown as { clock: NonNullable<ScannerClientOptions['clock']> }).clock;
  return new ScannerClient(outbound, { temporaryDirectory: directory, clock, ...options });
}
const clients: OutboundClient[] = [];
afterAll(() => Promise.all(clients.map((one) => one.close())));

/** The error of a scan under these faults. */
async function scanUnder(faults: Faults, options: ScannerClientOptions = {}): Promise<unknown> {
  world.adapter.setFaults(faults);
  const scan = scanWith(client(options), world, world.request(), GENERIC);
  return scan.then(read).catch((error: unknown) => error);
}

describe('a scan', () => {
  it('finds what the artifact declares, pulling it with the credential of the request', async () => {
    const report = await read(await scanWith(world.client, world, world.request(), GENERIC));
    expect(report.vulnerabilities).toEqual(FINDINGS);
    expect(report).toMatchObject({
      severity: 'Critical',
      scanner: { vendor: 'Breakwater' },
      artifact: { repository: 'library/app' },
    });
    expect(findingsOf(report.vulnerabilities)).toHaveLength(2);
    expect(world.registry.requests[0]).toMatch(/^GET \/v2\/library\/app\/manifests\/sha256:[0-9a-f]{64} Basic /);
  });

  it('gives SBOMs in both formats', async () => {
    const request = world.request('sbom');
    const enabled = request.enabled_capabilities?.map((one) => ({
      ...one,
      parameters: { sbom_media_types: [SPDX, CYCLONEDX] },
    }));
    const wanted = [SPDX, CYCLONEDX].map((sbomFormat) => ({ reportType: ScannerMediaType.SBOM_REPORT, sbomFormat }));
    const files = await scanWith(
      world.client,
      world,
      { ...request, ...(enabled ? { enabled_capabilities: enabled } : {}) },
      wanted,
    );
    const reports = await Promise.all(files.map(readSbomReport));
    await Promise.all(files.map((file) => file.dispose()));
    expect(reports.map(({ report, faults }) => [report.media_type, faults])).toEqual([
      [SPDX, []],
      [CYCLONEDX, []],
    ]);
    expect(reports[0]?.report.sbom['packages']).toHaveLength(3);
    expect(reports[1]?.report.sbom['components']).toHaveLength(2);
  });

  it.each([
    ['Basic', 'user:pass:wörd'],
    ['Bearer', 'a-token'],
    ['X-ScannerAdapter-API-Key', 'a-key'],
  ] as const)('signs in with %s', async (kind, credential) => {
    const guarded = await createScanWorld({ auth: { kind, credential } }, { temporaryDirectory: directory });
    expect(
      (await read(await scanWith(guarded.client, guarded, guarded.request(), GENERIC))).vulnerabilities,
    ).toHaveLength(2);
    for (const endpoint of [
      { ...guarded.endpoint, credential: 'wrong' },
      { ...guarded.endpoint, credential: null },
    ]) {
      await expect(guarded.client.metadata(endpoint)).rejects.toThrow(ScannerSignInError);
      await expect(guarded.client.submit(endpoint, guarded.request())).rejects.toThrow(ScannerSignInError);
    }
    await guarded.stop();
  });

  it.each(['1.0', '1.1'] as const)('works with an adapter of %s', async (version) => {
    const old = await createScanWorld({ version }, { temporaryDirectory: directory });
    const wanted = [{ reportType: ScannerMediaType.NATIVE_REPORT }];
    expect((await read(await scanWith(old.client, old, old.request(), wanted))).vulnerabilities).toHaveLength(2);
    await old.stop();
  });

  it('asks again when it is told to, or soon and then ever later', async () => {
    world.adapter.setFaults({ report: { kind: 'not-ready', times: 2 } });
    await read(await scanWith(world.client, world, world.request(), GENERIC));
    // Of 1 s, and a little on top.
    expect(world.waits.slice(0, 2)).toEqual([1050, 1050]);
  });
});

describe('the adapter of Trivy', () => {
  it('works with all its ways', async () => {
    const trivy = await createScanWorld({ flavour: 'trivy' }, { temporaryDirectory: directory });
    const { client: scanner, endpoint } = trivy;
    trivy.adapter.setFaults({ scan: { kind: 'never-ends', times: 1 } });
    const id = await scanner.submit(endpoint, trivy.request());
    const giving = new AbortController();
    const waiting = scanner.report(
      endpoint,
      id,
      { reportType: ScannerMediaType.GENERIC_REPORT },
      { signal: giving.signal },
    );
    waiting.catch(() => undefined);
    // 302 with Location and no Refresh-After: soon at first, then later and later.
    await eventually(() => expect(trivy.waits.length).toBeGreaterThan(8));
    giving.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(trivy.waits.slice(0, 3).map(Math.round)).toEqual([250, 400, 640]);
    expect(Math.max(...trivy.waits)).toBe(5000);
    // 415, and an error whose type lacks the +json.
    const native = { reportType: 'application/x-unknown' as typeof ScannerMediaType.GENERIC_REPORT };
    await expect(scanner.report(endpoint, id, native)).rejects.toMatchObject({
      code: 'SCANNER_REFUSED',
      status: 415,
      said: 'no report of type application/x-unknown is known',
    });
    expect((await read(await scanWith(scanner, trivy, trivy.request(), GENERIC))).vulnerabilities).toHaveLength(2);
    await trivy.stop();
  });
});

describe('an adapter that cannot now', () => {
  it.each<Faults>([
    { submit: { kind: 'unavailable', times: 2 } },
    { submit: { kind: 'error', times: 2 } },
    { submit: { kind: 'cut', times: 1 } },
    { report: { kind: 'unavailable', times: 4 } },
    { report: { kind: 'cut', times: 3 } },
  ])('is asked again: %j', async (faults) => {
    expect(await scanUnder(faults)).toMatchObject({ severity: 'Critical' });
  });

  it('is given up after a few times', async () => {
    expect(await scanUnder({ submit: { kind: 'unavailable' } })).toBeInstanceOf(ScannerUnavailableError);
    expect(await scanUnder({ report: { kind: 'lost' } })).toBeInstanceOf(ScanLostError);
    const gone = await createScanWorld();
    await gone.adapter.stop();
    await expect(gone.client.submit(gone.endpoint, gone.request())).rejects.toThrow(OutboundUnreachableError);
    await gone.stop();
  });

  it('waits as long as it asks for', async () => {
    await scanUnder({ submit: { kind: 'unavailable', times: 1 } });
    expect(world.waits[0]).toBe(1050);
  });
});

describe('a hostile adapter', () => {
  const once = { pollFailures: 1, submitAttempts: 1 };
  /** For those who keep us waiting; a slow machine would take others for them. */
  const quick = { ...once, callTimeoutMs: 50, reportTimeoutMs: 200, reportIdleTimeoutMs: 50 };

  it.each<[string, Faults, string]>([
    ['sends half of an id', { submit: { kind: 'broken-json' } }, 'SCANNER_ANSWER_INVALID'],
    ['sends half of a report', { report: { kind: 'broken-json' } }, 'SCANNER_ANSWER_INVALID'],
    ['sends a page of a login', { report: { kind: 'html' } }, 'SCANNER_ANSWER_INVALID'],
    ['redirects to an internal address', { submit: { kind: 'redirect-inside' } }, 'SCANNER_ANSWER_INVALID'],
    ['redirects its report to an internal address', { report: { kind: 'redirect-inside' } }, 'SCANNER_ANSWER_INVALID'],
    ['breaks off its report', { report: { kind: 'cut' } }, 'OUTBOUND_UNREACHABLE'],
    ['fails', { scan: { kind: 'fail' } }, 'SCAN_FAILED'],
    ['does not let us in any more', { report: { kind: 'unauthorized' } }, 'SCANNER_SIGN_IN_FAILED'],
  ])('that %s ends the scan with the reason', async (_, faults, code) => {
    const error = await scanUnder(faults, { limits: once });
    expect(error).toMatchObject({ code });
  });

  it.each<[string, Faults]>([
    ['hangs at submit', { submit: { kind: 'hang' } }],
    ['hangs at the report', { report: { kind: 'hang' } }],
    ['drips its report', { report: { kind: 'slow' } }],
  ])('that %s ends the scan when its time is over', async (_, faults) => {
    expect(await scanUnder(faults, { limits: quick })).toMatchObject({ code: 'OUTBOUND_TIMEOUT' });
  });

  it.each<Faults>([
    { report: { kind: 'not-ready' } },
    { report: { kind: 'not-ready-inside' } },
    { scan: { kind: 'never-ends' } },
    { report: { kind: 'unavailable' } },
    { report: { kind: 'hang' } },
  ])('that keeps us waiting is left when the time is over: %j', async (faults) => {
    const limits = { scanTimeoutMs: 300, callTimeoutMs: 10_000, pollFailures: 1_000_000 };
    const error = await scanUnder(faults, { limits });
    expect(error).toBeInstanceOf(ScanTimeoutError);
    expect(isRetryableScanError(error)).toBe(false);
  });

  it.each<Faults>([{ report: { kind: 'huge' } }, { report: { kind: 'gzip-bomb' } }])(
    'that sends more than we take is cut off: %j',
    async (faults) => {
      const error = await scanUnder(faults, { limits: { maxReportBytes: 8 * 2 ** 20 } });
      expect(error).toBeInstanceOf(OutboundTooLargeError);
      expect(isRetryableScanError(error)).toBe(false);
    },
  );

  it.each<Faults>([{ submit: { kind: 'leak' } }, { scan: { kind: 'leak' } }])(
    'that repeats our credentials does not make us repeat them: %j',
    async (faults) => {
      const error = await scanUnder(faults, { limits: { submitAttempts: 1 } });
      const shown = `${String(error)} ${JSON.stringify((error as { detail: object }).detail)}`;
      expect(shown).toContain('***');
      expect(shown).not.toMatch(new RegExp(`${REGISTRY_SECRET}|pass:w`));
    },
  );

  it('is not sent where it redirects to', async () => {
    world.adapter.setFaults({ metadata: { kind: 'redirect-inside' } });
    await expect(client().metadata(world.endpoint)).rejects.toThrow(/redirects \(307\)/);
  });
});

describe('metadata', () => {
  it('are what the adapter says', async () => {
    const metadata = await world.client.metadata(world.endpoint);
    expect(metadata.capabilities.map(({ type }) => type)).toEqual(['vulnerability', 'sbom']);
    // However the address was registered.
    for (const end of ['/', '/api/v1', '/api/v1/'])
      expect(await world.client.metadata({ ...world.endpoint, url: world.endpoint.url + end })).toEqual(metadata);
  });

  it('are none where there is no adapter', async () => {
    const endpoint = { ...world.endpoint, url: `${world.registry.url}/elsewhere` };
    await expect(world.client.metadata(endpoint)).rejects.toThrow(ScannerSignInError);
    await expect(world.client.metadata({ ...endpoint, url: `${world.adapter.url}/no` })).rejects.toThrow(
      ScannerAnswerError,
    );
    await expect(world.client.metadata({ ...endpoint, url: 'http://169.254.169.254' })).rejects.toThrow(
      OutboundAddressRefusedError,
    );
    await expect(world.client.checkAddress('http://10.0.0.1')).rejects.toThrow(OutboundAddressRefusedError);
  });
});

describe('a refused scan', () => {
  it('is final, with the words of the adapter', async () => {
    const request = { ...world.request(), enabled_capabilities: [{ type: 'malware' }] };
    await expect(world.client.submit(world.endpoint, request)).rejects.toMatchObject({
      code: 'SCANNER_REFUSED',
      status: 422,
    });
    const wanted = {
      ...world.request(),
      enabled_capabilities: [{ type: 'vulnerability', produces_mime_types: ['a/b'] }],
    };
    const error: unknown = await world.client.submit(world.endpoint, wanted).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ScannerRefusedError);
    expect(isRetryableScanError(error)).toBe(false);
  });

  it('that failed may be tried again', async () => {
    const error = await scanUnder({ scan: { kind: 'fail' } });
    expect(error).toBeInstanceOf(ScanFailedError);
    expect(String(error)).toContain('the vulnerability database cannot be downloaded');
    expect(isRetryableScanError(error)).toBe(true);
  });
});

describe('a circuit', () => {
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs, random: () => 0.5, sleep: async () => undefined };
  const told: string[] = [];
  const listener: CircuitListener = {
    opened: (_, operation, openMs) => void told.push(`${operation} ${openMs}`),
    closed: (_, operation) => void told.push(`${operation} closed`),
  };
  /** With one try of each, of an adapter that was never called before. */
  const careful = (): ScannerClient =>
    client({
      clock,
      circuits: new ScannerCircuits(clock, DEFAULT_CIRCUIT, listener),
      limits: { submitAttempts: 1, pollFailures: 0 },
    });
  const submitBy = (scanner: ScannerClient) => (): Promise<string> => scanner.submit(world.endpoint, world.request());

  it('leaves an adapter alone that does not answer, until it does again', async () => {
    told.length = 0;
    const scanner = careful();
    const submit = submitBy(scanner);
    const refused = (): number => world.adapter.calls.filter((call) => call === 'POST /api/v1/scan 500').length;
    const refusedBefore = refused();
    world.adapter.setFaults({ submit: { kind: 'error' } });
    for (let time = 0; time < 5; time++) await expect(submit()).rejects.toThrow(ScannerUnavailableError);
    for (let time = 0; time < 5; time++)
      await expect(submit()).rejects.toThrow(/left alone for 15 s: .*\(500\): something went wrong inside/);
    await eventually(() => expect(refused() - refusedBefore).toBe(5));
    nowMs += 16_000;
    // One is let through; it fails, and the pause is longer now.
    const [first, second] = await Promise.allSettled([submit(), submit()]);
    expect([first, second].map((one) => (one as PromiseRejectedResult).reason as unknown)).toEqual([
      expect.any(ScannerUnavailableError),
      expect.objectContaining({ code: 'SCANNER_CIRCUIT_OPEN', retryAfterSeconds: 5 }),
    ]);
    nowMs += 16_000;
    await expect(submit()).rejects.toThrow(ScannerCircuitOpenError);
    nowMs += 16_000;
    world.adapter.setFaults({});
    expect(await submit()).toEqual(expect.any(String));
    expect(told).toEqual(['submit 15000', 'submit 30000', 'submit closed']);
  });

  it('is of one operation: to say what it is makes no adapter well that takes no scan', async () => {
    const scanner = careful();
    world.adapter.setFaults({ submit: { kind: 'error' } });
    for (let time = 0; time < 5; time++) {
      await scanner.metadataForScan(world.endpoint);
      await expect(submitBy(scanner)()).rejects.toThrow(ScannerUnavailableError);
    }
    await scanner.metadataForScan(world.endpoint);
    await expect(submitBy(scanner)()).rejects.toThrow(ScannerCircuitOpenError);
    world.adapter.setFaults({});
    // But when somebody has looked, and it is there, the next scan is let through.
    await scanner.metadata(world.endpoint);
    expect(await submitBy(scanner)()).toEqual(expect.any(String));
  });

  it('keeps scans from asking what it is, and people not', async () => {
    const scanner = careful();
    world.adapter.setFaults({ metadata: { kind: 'error' } });
    for (let time = 0; time < 5; time++)
      await expect(scanner.metadataForScan(world.endpoint)).rejects.toThrow(ScannerUnavailableError);
    await expect(scanner.metadataForScan(world.endpoint)).rejects.toThrow(ScannerCircuitOpenError);
    await expect(scanner.metadata(world.endpoint)).rejects.toThrow(ScannerUnavailableError);
    world.adapter.setFaults({});
    await scanner.metadata(world.endpoint);
    await expect(scanner.metadataForScan(world.endpoint)).resolves.toMatchObject({ scanner: { vendor: 'Breakwater' } });
  });
});

describe('whoever keeps a log', () => {
  const happeningsOf = async (faults: Faults): Promise<ScanHappening[]> => {
    const happenings: ScanHappening[] = [];
    world.adapter.setFaults(faults);
    const onHappening = (happening: ScanHappening): void => void happenings.push(happening);
    await read(await scanWith(client(), world, world.request(), GENERIC, { onHappening }));
    return happenings;
  };

  it('is told of every wait, and of the report', async () => {
    const [first, second, ...last] = await happeningsOf({ report: { kind: 'not-ready', times: 2 } });
    const wait = { kind: 'not-ready', status: 302, hintSeconds: 1, otherHost: null };
    expect(first).toMatchObject({ ...wait, asked: 1, pauseMs: 1050 });
    expect(second).toMatchObject({ ...wait, asked: 2 });
    // The test adapter may need a moment more.
    expect(last.at(-1)).toMatchObject({ kind: 'received', sizeBytes: expect.any(Number) });
  });

  it('is told which host an adapter names that is not ready, and is not followed', async () => {
    const [first] = await happeningsOf({ report: { kind: 'not-ready-inside', times: 1 } });
    expect(first).toMatchObject({ kind: 'not-ready', otherHost: '169.254.169.254' });
  });

  it('is told of what is tried again, and why', async () => {
    const [submit, report] = await happeningsOf({
      submit: { kind: 'unavailable', times: 1 },
      report: { kind: 'cut', times: 1 },
    });
    expect(submit).toMatchObject({ kind: 'retry', operation: 'submit', failures: 1, mostFailures: 3, pauseMs: 1050 });
    expect(report).toMatchObject({ kind: 'retry', operation: 'report', failures: 1, mostFailures: 5 });
    expect((submit as { error: Error }).error.message).toContain('too much to do');
  });
});

it('ends when its caller gives up, with the caller’s reason', async () => {
  world.adapter.setFaults({ scan: { kind: 'never-ends', times: 1 } });
  const giving = new AbortController();
  const scan = scanWith(client(), world, world.request(), GENERIC, {
    signal: giving.signal,
    onHappening: ({ kind }) => kind === 'not-ready' && giving.abort(new Error('stopped')),
  });
  await expect(scan).rejects.toThrow('stopped');
});
