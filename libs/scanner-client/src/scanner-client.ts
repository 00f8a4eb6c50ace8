import { tmpdir } from 'node:os';
import {
  OutboundAbortedError,
  OutboundError,
  readText,
  type OutboundClient,
  type OutboundRequest,
  type OutboundResponse,
} from '@breakwater/outbound';
import {
  describeFaults,
  findReportType,
  isSameMediaType,
  parseMetadata,
  parseScanResponse,
  ScannerMediaType,
  type Parsed,
  type ReportType,
  type SbomFormat,
  type ScannerMetadata,
  type ScanRequest,
} from '@breakwater/scanner-spec';
import { errorOfAnswer } from './answers/status-errors.js';
import { ScannerCircuits } from './circuits/scanner-circuits.js';
import { systemClock, type Clock } from './clock.js';
import { DEFAULT_SCANNER_LIMITS, type ScannerLimits } from './limits.js';
import { ACCEPT_ENCODING, ReportFile } from './report-file.js';
import { withDeadline } from './scan-deadline.js';
import { authHeaders, endpointUrl, type ScannerEndpoint } from './scanner-endpoint.js';
import {
  ScanLostError,
  ScannerAnswerError,
  ScannerCircuitOpenError,
  ScannerUnavailableError,
  type ScannerOperation,
} from './scanner.errors.js';
import { findHintSeconds, pollDelayMs, retryDelayMs } from './wait-times.js';

export interface ScannerClientOptions {
  readonly limits?: Partial<ScannerLimits>;
  /** Where reports are kept until they are disposed of. */
  readonly temporaryDirectory?: string;
  readonly clock?: Clock;
  readonly circuits?: ScannerCircuits;
}

/** A report to ask for. */
export interface WantedReport {
  readonly reportType: ReportType;
  /** Of SBOM reports. */
  readonly sbomFormat?: SbomFormat;
}

export interface ScanCallOptions {
  readonly signal?: AbortSignal;
  /** Of the request: never shown, even when the adapter repeats it. */
  readonly authorization?: string | null;
}

export interface ScanOptions extends ScanCallOptions {
  /** Told the adapter's id of the scan; again when a lost scan was submitted anew. */
  readonly onSubmitted?: (scanId: string) => void;
}

/**
 * Speaks the pluggable scanner API with any adapter. One for the process: it holds what it learned of adapters that do
 * not answer.
 *
 * Errors are `ScannerError` (the adapter) or `OutboundError` (the way to it); both say `isRetryable`. When the caller's
 * signal aborts, its reason is thrown.
 */
export class ScannerClient {
  private readonly limits: ScannerLimits;
  private readonly clock: Clock;
  private readonly circuits: ScannerCircuits;
  private readonly directory: string;

  constructor(
    private readonly outbound: OutboundClient,
    { limits, temporaryDirectory = tmpdir(), clock = systemClock, circuits }: ScannerClientOptions = {},
  ) {
    this.limits = { ...DEFAULT_SCANNER_LIMITS, ...limits };
    this.directory = temporaryDirectory;
    this.clock = clock;
    this.circuits = circuits ?? new ScannerCircuits(clock);
  }

  /** @throws OutboundError  when this address may not be called. */
  async checkAddress(url: string): Promise<void> {
    await this.outbound.check(url);
  }

  /** What the adapter says of itself. Asked even where the circuit is open: this is how one sees that it is well again. */
  async metadata(endpoint: ScannerEndpoint, signal?: AbortSignal): Promise<ScannerMetadata> {
    const ask = async (): Promise<ScannerMetadata> => {
      const answer = await this.call('metadata', endpoint, {
        path: '/metadata',
        accept: ScannerMediaType.METADATA,
        signal,
      });
      if (answer.status !== 200) throw await errorOfAnswer('metadata', answer, [endpoint.credential]);
      return this.parsed('metadata', answer, parseMetadata);
    };
    return this.circuits.observe(endpoint.url, ask, speaksAgainst);
  }

  /**
   * Hands in a scan; tried again when the adapter cannot take it now.
   *
   * @returns the adapter's id of the scan.
   */
  async submit(endpoint: ScannerEndpoint, request: ScanRequest, { signal }: ScanCallOptions = {}): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.circuits.through(
          endpoint.url,
          () => this.submitOnce(endpoint, request, signal),
          speaksAgainst,
        );
      } catch (error) {
        signal?.throwIfAborted();
        // Waiting for an adapter that is left alone would hold the worker that the circuit is there to free.
        if (error instanceof ScannerCircuitOpenError) throw error;
        if (attempt >= this.limits.submitAttempts || !isTransient(error)) throw error;
        await this.clock.sleep(retryDelayMs(attempt, hintOf(error), this.clock), signal ?? NEVER);
      }
    }
  }

  /**
   * Waits for a report and brings it to disk.
   *
   * @throws ScanFailedError, ScanLostError, ScanTimeoutError, and what the way to the adapter throws.
   */
  async report(
    endpoint: ScannerEndpoint,
    scanId: string,
    wanted: WantedReport,
    options: ScanCallOptions = {},
  ): Promise<ReportFile> {
    return withDeadline(this.limits.scanTimeoutMs, options.signal, (signal) =>
      this.poll(endpoint, scanId, wanted, { ...options, signal }),
    );
  }

  /**
   * A whole scan: hands it in, waits, and brings the reports to disk, within `scanTimeoutMs`. A scan that the adapter
   * lost is handed in once more.
   *
   * @returns one file for each wanted report, in their order; the caller disposes of them.
   */
  async scan(
    endpoint: ScannerEndpoint,
    request: ScanRequest,
    wanted: readonly WantedReport[],
    { signal: callers, onSubmitted }: ScanOptions = {},
  ): Promise<ReportFile[]> {
    const authorization = request.registry.authorization ?? null;
    return withDeadline(this.limits.scanTimeoutMs, callers, async (signal) => {
      const once = async (): Promise<ReportFile[]> => {
        const scanId = await this.submit(endpoint, request, { signal });
        onSubmitted?.(scanId);
        return this.pollAll(endpoint, scanId, wanted, { signal, authorization });
      };
      try {
        return await once();
      } catch (error) {
        if (error instanceof ScanLostError) return once();
        throw error;
      }
    });
  }

  private async submitOnce(endpoint: ScannerEndpoint, request: ScanRequest, signal?: AbortSignal): Promise<string> {
    const answer = await this.call('submit', endpoint, {
      path: '/scan',
      accept: ScannerMediaType.SCAN_RESPONSE,
      signal,
      // Of 1.0 even where it names capabilities: that is what Harbor sends, and what adapters are made for.
      contentType: ScannerMediaType.SCAN_REQUEST,
      body: JSON.stringify(request),
    });
    const secrets = [endpoint.credential, request.registry.authorization];
    if (answer.status < 200 || answer.status > 202) throw await errorOfAnswer('submit', answer, secrets);
    const { id } = await this.parsed('submit', answer, parseScanResponse);
    return id;
  }

  private async pollAll(
    endpoint: ScannerEndpoint,
    scanId: string,
    wanted: readonly WantedReport[],
    options: ScanCallOptions & { readonly signal: AbortSignal },
  ): Promise<ReportFile[]> {
    const files: ReportFile[] = [];
    try {
      for (const report of wanted) files.push(await this.poll(endpoint, scanId, report, options));
      return files;
    } catch (error) {
      await Promise.all(files.map((file) => file.dispose()));
      throw error;
    }
  }

  private async poll(
    endpoint: ScannerEndpoint,
    scanId: string,
    wanted: WantedReport,
    options: ScanCallOptions & { readonly signal: AbortSignal },
  ): Promise<ReportFile> {
    const { signal } = options;
    let failures = 0;
    for (let asked = 0; ; asked++) {
      try {
        const ask = (): Promise<ReportFile | NotReady> => this.ask(endpoint, scanId, wanted, options);
        const outcome = await this.circuits.through(endpoint.url, ask, speaksAgainst);
        if (outcome instanceof ReportFile) return outcome;
        failures = 0;
        await this.clock.sleep(pollDelayMs(asked, outcome.hintSeconds, this.clock), signal);
      } catch (error) {
        if (signal.aborted) throw error;
        // The scan may go on well while the way to it is broken for a moment.
        if (++failures > this.limits.pollFailures || !isTransient(error)) throw error;
        await this.clock.sleep(retryDelayMs(failures, hintOf(error), this.clock), signal);
      }
    }
  }

  /** Asks for the report once. */
  private async ask(
    endpoint: ScannerEndpoint,
    scanId: string,
    { reportType, sbomFormat }: WantedReport,
    { signal, authorization }: ScanCallOptions,
  ): Promise<ReportFile | NotReady> {
    const query = sbomFormat === undefined ? '' : `?sbom_media_type=${encodeURIComponent(sbomFormat)}`;
    const answer = await this.call('report', endpoint, {
      path: `/scan/${encodeURIComponent(scanId)}/report${query}`,
      accept: reportType,
      signal,
    });
    if (answer.status === 200) {
      this.refuseOtherType(answer, reportType);
      return ReportFile.receive(answer, this.directory, this.limits.maxReportBytes);
    }
    // Its Location, which Trivy's adapter sets to the address itself, leads nowhere that we would go.
    if (answer.status !== 302 && answer.status !== 202)
      throw await errorOfAnswer('report', answer, [endpoint.credential, authorization]);
    await readText(answer.body, MOST_IGNORED_BYTES);
    return { hintSeconds: findHintSeconds(answer.headers) };
  }

  private call(
    operation: ScannerOperation,
    endpoint: ScannerEndpoint,
    { path, accept, signal, contentType, body }: Call,
  ): Promise<OutboundResponse> {
    const { callTimeoutMs, reportTimeoutMs, reportIdleTimeoutMs, maxReportBytes } = this.limits;
    const isReport = operation === 'report';
    const request: OutboundRequest = {
      method: body === undefined ? 'GET' : 'POST',
      url: endpointUrl(endpoint, path),
      headers: {
        ...authHeaders(endpoint),
        accept,
        ...(isReport ? { 'accept-encoding': ACCEPT_ENCODING } : {}),
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
      limits: {
        headersTimeoutMs: callTimeoutMs,
        idleTimeoutMs: isReport ? reportIdleTimeoutMs : callTimeoutMs,
        deadlineMs: isReport ? reportTimeoutMs : callTimeoutMs,
        maxResponseBytes: isReport ? maxReportBytes : MOST_DOCUMENT_BYTES,
      },
      tls: { isVerified: !endpoint.skipsCertVerify, ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }) },
    };
    return this.outbound.send(request);
  }

  /** A small document. @throws ScannerAnswerError  when it is none. */
  private async parsed<T>(
    operation: ScannerOperation,
    answer: OutboundResponse,
    parse: (document: unknown) => Parsed<T>,
  ): Promise<T> {
    const text = await readText(answer.body, MOST_DOCUMENT_BYTES);
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch (cause) {
      throw new ScannerAnswerError(operation, 'it is no JSON', { cause });
    }
    const { value, faults } = parse(document);
    if (value === null) throw new ScannerAnswerError(operation, describeFaults(faults));
    return value;
  }

  /** JSON by any name will do; a page of a login or a report of another kind will not. */
  private refuseOtherType(answer: OutboundResponse, wanted: ReportType): void {
    const type = answer.headers['content-type'];
    if (type === undefined || isSameMediaType(type, wanted)) return;
    const isOtherReport = findReportType(type) !== null;
    if (!isOtherReport && /^(?:application|text)\/(?:json|plain|octet-stream|[\w.+-]+\+json)\b/i.test(type)) return;
    answer.body.destroy();
    throw new ScannerAnswerError('report', `its type is ${type.slice(0, 100)}, not ${wanted}`);
  }
}

interface Call {
  readonly path: string;
  readonly accept: string;
  readonly signal: AbortSignal | undefined;
  readonly contentType?: string;
  readonly body?: string;
}

interface NotReady {
  readonly hintSeconds: number | null;
}

const MOST_DOCUMENT_BYTES = 2 ** 20;
const MOST_IGNORED_BYTES = 8192;
const NEVER = new AbortController().signal;

/** The way to the adapter is broken, or it is not well; a moment later it may be. */
function isTransient(error: unknown): boolean {
  if (error instanceof OutboundAbortedError) return false;
  if (error instanceof OutboundError) return error.isRetryable;
  return error instanceof ScannerUnavailableError || error instanceof ScannerCircuitOpenError;
}

/** Being busy is not being unwell. */
function speaksAgainst(error: unknown): boolean {
  return isTransient(error) && !(error instanceof ScannerUnavailableError && error.status === 429);
}

function hintOf(error: unknown): number | null {
  const isSaying = error instanceof ScannerUnavailableError || error instanceof ScannerCircuitOpenError;
  return isSaying ? error.retryAfterSeconds : null;
}
