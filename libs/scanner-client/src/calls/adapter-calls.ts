import { readText, type OutboundClient, type OutboundResponse } from '@breakwater/outbound';
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
import { errorOfAnswer } from '../answers/status-errors.js';
import type { ScannerLimits } from '../limits.js';
import { ACCEPT_ENCODING, ReportFile } from '../report-file.js';
import { authHeaders, endpointUrl, type ScannerEndpoint } from '../scanner-endpoint.js';
import { ScannerAnswerError, type ScannerOperation } from '../scanner.errors.js';
import { findHintSeconds } from '../wait-times.js';

/** A report to ask for. */
export interface WantedReport {
  readonly reportType: ReportType;
  /** Of SBOM reports. */
  readonly sbomFormat?: SbomFormat;
}

/** The adapter is still at it. */
export interface NotReady {
  readonly status: number;
  /** When it wants to be asked again; null: it did not say. */
  readonly hintSeconds: number | null;
  /** The other host that it names in `Location`, which is not followed; null: none. */
  readonly otherHost: string | null;
}

/** The three operations of the pluggable scanner API, each once: what is sent, what is taken, what is no answer. */
export class AdapterCalls {
  constructor(
    private readonly outbound: OutboundClient,
    private readonly limits: ScannerLimits,
    /** Where reports are kept until they are disposed of. */
    private readonly directory: string,
  ) {}

  async metadata(endpoint: ScannerEndpoint, signal: AbortSignal | undefined): Promise<ScannerMetadata> {
    const answer = await this.send('metadata', endpoint, {
      path: '/metadata',
      accept: ScannerMediaType.METADATA,
      signal,
    });
    if (answer.status !== 200) throw await errorOfAnswer('metadata', answer, [endpoint.credential]);
    return parsed('metadata', answer, parseMetadata);
  }

  /** @returns the adapter's id of the scan. */
  async submit(endpoint: ScannerEndpoint, request: ScanRequest, signal: AbortSignal | undefined): Promise<string> {
    const answer = await this.send('submit', endpoint, {
      path: '/scan',
      accept: ScannerMediaType.SCAN_RESPONSE,
      signal,
      // Of 1.0 even where it names capabilities: that is what Harbor sends, and what adapters are made for.
      contentType: ScannerMediaType.SCAN_REQUEST,
      body: JSON.stringify(request),
    });
    const secrets = [endpoint.credential, request.registry.authorization];
    if (answer.status < 200 || answer.status > 202) throw await errorOfAnswer('submit', answer, secrets);
    const { id } = await parsed('submit', answer, parseScanResponse);
    return id;
  }

  /** @param authorization  of the scan's request: not shown, even when the adapter repeats it. */
  async report(
    endpoint: ScannerEndpoint,
    scanId: string,
    { reportType, sbomFormat }: WantedReport,
    { signal, authorization }: { readonly signal: AbortSignal; readonly authorization?: string | null | undefined },
  ): Promise<ReportFile | NotReady> {
    const query = sbomFormat === undefined ? '' : `?sbom_media_type=${encodeURIComponent(sbomFormat)}`;
    const answer = await this.send('report', endpoint, {
      path: `/scan/${encodeURIComponent(scanId)}/report${query}`,
      accept: reportType,
      signal,
    });
    if (answer.status === 200) {
      refuseOtherType(answer, reportType);
      return ReportFile.receive(answer, this.directory, this.limits.maxReportBytes);
    }
    if (answer.status !== 302 && answer.status !== 202)
      throw await errorOfAnswer('report', answer, [endpoint.credential, authorization]);
    await readText(answer.body, MOST_IGNORED_BYTES);
    const { status, headers } = answer;
    return { status, hintSeconds: findHintSeconds(headers), otherHost: findOtherHost(headers['location'], answer.url) };
  }

  private send(
    operation: ScannerOperation,
    endpoint: ScannerEndpoint,
    { path, accept, signal, contentType, body }: Call,
  ): Promise<OutboundResponse> {
    const { callTimeoutMs, reportTimeoutMs, reportIdleTimeoutMs, maxReportBytes } = this.limits;
    const isReport = operation === 'report';
    return this.outbound.send({
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
      tls: { isVerified: !endpoint.skipsCertVerify },
    });
  }
}

/** A small document. @throws ScannerAnswerError  when it is none. */
async function parsed<T>(
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
function refuseOtherType(answer: OutboundResponse, wanted: ReportType): void {
  const type = answer.headers['content-type'];
  if (type === undefined || isSameMediaType(type, wanted)) return;
  const isOtherReport = findReportType(type) !== null;
  if (!isOtherReport && /^(?:application|text)\/(?:json|plain|octet-stream|[\w.+-]+\+json)\b/i.test(type)) return;
  answer.body.destroy();
  throw new ScannerAnswerError('report', `its type is ${type.slice(0, 100)}, not ${wanted}`);
}

/** Trivy's adapter names the address itself, which says nothing. */
function findOtherHost(location: string | undefined, asked: URL): string | null {
  if (location === undefined || !URL.canParse(location, asked.href)) return null;
  const { host } = new URL(location, asked);
  return host === asked.host ? null : host;
}

interface Call {
  readonly path: string;
  readonly accept: string;
  readonly signal: AbortSignal | undefined;
  readonly contentType?: string;
  readonly body?: string;
}

const MOST_DOCUMENT_BYTES = 2 ** 20;
const MOST_IGNORED_BYTES = 8192;
