import { tmpdir } from 'node:os';
import type { OutboundClient } from '@breakwater/outbound';
import type { ScannerMetadata, ScanRequest } from '@breakwater/scanner-spec';
import { AdapterCalls, type WantedReport } from './calls/adapter-calls.js';
import { ScannerCircuits } from './circuits/scanner-circuits.js';
import { systemClock, type Clock } from './clock.js';
import { findRetryHint, isTransient, speaksAgainst } from './failures.js';
import { DEFAULT_SCANNER_LIMITS, type ScannerLimits } from './limits.js';
import { ReportFile } from './report-file.js';
import { withDeadline } from './scan-deadline.js';
import type { ScanListener } from './scan-happenings.js';
import type { ScannerEndpoint } from './scanner-endpoint.js';
import { ScannerCircuitOpenError } from './scanner.errors.js';
import { pollDelayMs, retryDelayMs } from './wait-times.js';

export interface ScannerClientOptions {
  readonly limits?: Partial<ScannerLimits>;
  /** Where reports are kept until they are disposed of. */
  readonly temporaryDirectory?: string;
  readonly clock?: Clock;
  readonly circuits?: ScannerCircuits;
}

export interface ScanCallOptions {
  readonly signal?: AbortSignal;
  /** Of the request: never shown, even when the adapter repeats it. */
  readonly authorization?: string | null;
  /** Told what happens while it takes its time. */
  readonly onHappening?: ScanListener;
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
  private readonly calls: AdapterCalls;

  constructor(
    private readonly outbound: OutboundClient,
    { limits, temporaryDirectory = tmpdir(), clock = systemClock, circuits }: ScannerClientOptions = {},
  ) {
    this.limits = { ...DEFAULT_SCANNER_LIMITS, ...limits };
    this.clock = clock;
    this.circuits = circuits ?? new ScannerCircuits(clock);
    this.calls = new AdapterCalls(outbound, this.limits, temporaryDirectory);
  }

  /** @throws OutboundError  when this address may not be called. */
  async checkAddress(url: string): Promise<void> {
    await this.outbound.check(url);
  }

  /** What the adapter says of itself. Asked whatever the circuits say: this is how one sees that it is well again. */
  metadata(endpoint: ScannerEndpoint, signal?: AbortSignal): Promise<ScannerMetadata> {
    const ask = (): Promise<ScannerMetadata> => this.calls.metadata(endpoint, signal);
    return this.circuits.observe(endpoint.url, 'metadata', ask, speaksAgainst);
  }

  /**
   * The same for a scan, of which there may be thousands: an adapter that does not answer is not asked for each of them.
   *
   * @throws ScannerCircuitOpenError
   */
  metadataForScan(endpoint: ScannerEndpoint, signal?: AbortSignal): Promise<ScannerMetadata> {
    const ask = (): Promise<ScannerMetadata> => this.calls.metadata(endpoint, signal);
    return this.circuits.through(endpoint.url, 'metadata', ask, speaksAgainst);
  }

  /**
   * Hands in a scan; tried again when the adapter cannot take it now.
   *
   * @returns the adapter's id of the scan.
   * @throws ScannerCircuitOpenError  at once: to wait would hold the worker that the circuit is there to free.
   */
  async submit(
    endpoint: ScannerEndpoint,
    request: ScanRequest,
    { signal, onHappening }: ScanCallOptions = {},
  ): Promise<string> {
    const { submitAttempts: mostFailures } = this.limits;
    const ask = (): Promise<string> => this.calls.submit(endpoint, request, signal);
    for (let failures = 1; ; failures++) {
      try {
        return await this.circuits.through(endpoint.url, 'submit', ask, speaksAgainst);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof ScannerCircuitOpenError || failures >= mostFailures || !isTransient(error)) throw error;
        const pauseMs = retryDelayMs(failures, findRetryHint(error), this.clock);
        onHappening?.({ kind: 'retry', operation: 'submit', failures, mostFailures, error, pauseMs });
        await this.clock.sleep(pauseMs, signal ?? NEVER);
      }
    }
  }

  /**
   * Waits for a report, at most `scanTimeoutMs`, and brings it to disk.
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

  private async poll(
    endpoint: ScannerEndpoint,
    scanId: string,
    wanted: WantedReport,
    { signal, authorization, onHappening }: ScanCallOptions & { readonly signal: AbortSignal },
  ): Promise<ReportFile> {
    const beganMs = this.clock.monotonicMs();
    const { pollFailures: mostFailures } = this.limits;
    const ask = () => this.calls.report(endpoint, scanId, wanted, { signal, authorization });
    let failures = 0;
    for (let asked = 1; ; asked++) {
      let pauseMs: number;
      try {
        const answer = await this.circuits.through(endpoint.url, 'report', ask, speaksAgainst);
        const waitedMs = this.clock.monotonicMs() - beganMs;
        if (answer instanceof ReportFile) {
          onHappening?.({ kind: 'received', asked, waitedMs, sizeBytes: answer.sizeBytes });
          return answer;
        }
        failures = 0;
        pauseMs = pollDelayMs(asked - 1, answer.hintSeconds, this.clock);
        onHappening?.({ kind: 'not-ready', ...answer, asked, waitedMs, pauseMs });
      } catch (error) {
        // The scan may go on well while the way to it is broken for a moment.
        if (signal.aborted || ++failures > mostFailures || !isTransient(error)) throw error;
        pauseMs = retryDelayMs(failures, findRetryHint(error), this.clock);
        onHappening?.({ kind: 'retry', operation: 'report', failures, mostFailures, error, pauseMs });
      }
      await this.clock.sleep(pauseMs, signal);
    }
  }
}

const NEVER = new AbortController().signal;
