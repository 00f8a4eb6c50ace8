import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  describeFaults,
  errorBody,
  findReportType,
  findSbomFormat,
  isSameMediaType,
  parseScanRequest,
  SBOM_FORMATS,
  ScannerMediaType,
  statusOfFaults,
  type SbomFormat,
  type ScannerMetadata,
  type ScanRequest,
} from '@breakwater/scanner-spec';
import type { AdapterSettings } from '../adapter-options.js';
import { sbomReport, vulnerabilityReport, type ReportFacts } from '../reports/documents.js';
import type { Scan, ScanQueue, Wanted } from '../scans/scan-queue.js';

/** The three operations of the specification. */
export class AdapterApi {
  constructor(
    private readonly settings: AdapterSettings,
    private readonly metadata: ScannerMetadata,
    private readonly queue: ScanQueue,
  ) {}

  getMetadata({ headers }: IncomingMessage, response: ServerResponse): void {
    const { METADATA, METADATA_1_1 } = ScannerMediaType;
    const isLater = this.settings.version === '1.2' && isSameMediaType(headers.accept ?? '', METADATA_1_1);
    const type = isLater && !isSameMediaType(headers.accept ?? '', METADATA) ? METADATA_1_1 : METADATA;
    send(response, 200, type, this.metadata);
  }

  submit(body: string, response: ServerResponse): void {
    let document: unknown;
    try {
      document = JSON.parse(body);
    } catch {
      return this.fail(response, 400, 'the request is no JSON');
    }
    const known = this.settings.version === '1.2' ? document : withoutCapabilities(document);
    const { value, faults } = parseScanRequest(known);
    if (value === null) return this.fail(response, statusOfFaults(faults), describeFaults(faults));
    const wanted = this.findWanted(value);
    if (wanted === null) return this.fail(response, 501, 'this adapter does not produce such a report');
    const { id } = this.queue.add(value, wanted);
    send(response, 202, ScannerMediaType.SCAN_RESPONSE, { id });
  }

  getReport(id: string, query: URLSearchParams, { headers }: IncomingMessage, response: ServerResponse): void {
    const accept = headers.accept;
    const type = accept === undefined || accept === '*/*' ? ScannerMediaType.NATIVE_REPORT : findReportType(accept);
    if (type === null) return this.fail(response, this.isTrivy() ? 415 : 400, `no report of type ${accept} is known`);
    const scan = this.queue.scans.get(id);
    if (scan === undefined) return this.fail(response, 404, 'there is no such scan');
    const asked = query.get('sbom_media_type');
    const format = asked === null ? null : findSbomFormat(asked);
    if (type === ScannerMediaType.SBOM_REPORT && format === null)
      return this.fail(response, 400, 'sbom_media_type is missing or unknown');
    if (scan.state === 'failed') return this.fail(response, 500, scan.message);
    if (!this.isProduced(scan, type, format)) return this.fail(response, 404, 'the scan was not asked for this report');
    if (scan.contents === null) return this.notReady(id, query, response);
    response.writeHead(200, { 'content-type': type }).end(this.reportOf(scan, type, format));
  }

  fail(response: ServerResponse, status: number, message: string): void {
    // Trivy's adapter leaves the `+json` out.
    const type = this.isTrivy() ? 'application/vnd.scanner.adapter.error; version=1.0' : ScannerMediaType.ERROR;
    send(response, status, type, errorBody(message));
  }

  private notReady(id: string, query: URLSearchParams, response: ServerResponse): void {
    const seconds = String(this.settings.refreshAfterSeconds);
    const itself = `/api/v1/scan/${id}/report${query.size > 0 ? `?${query.toString()}` : ''}`;
    const headers = this.isTrivy() ? { location: itself } : { 'refresh-after': seconds, 'retry-after': seconds };
    response.writeHead(302, headers).end();
  }

  /** What a request asks for, of what this adapter produces; null: something that it does not. */
  private findWanted(request: ScanRequest): Wanted | null {
    const { capabilities } = this.metadata;
    const all = capabilities.flatMap(({ produces_mime_types: types }) => types);
    const enabled = request.enabled_capabilities;
    // Trivy's makes only the vulnerability report unless it is told.
    if (!enabled && this.isTrivy()) return { reportTypes: [ScannerMediaType.GENERIC_REPORT], sbomFormats: [] };
    if (!enabled) return { reportTypes: all, sbomFormats: SBOM_FORMATS };
    const reportTypes = enabled.flatMap(({ type, produces_mime_types: types }) => {
      const capability = capabilities.find((one) => (one.type ?? 'vulnerability') === type);
      return types ?? capability?.produces_mime_types ?? [];
    });
    if (!reportTypes.every((type) => all.some((produced) => isSameMediaType(produced, type)))) return null;
    const named = enabled.flatMap(({ parameters }) => parameters?.sbom_media_types ?? []);
    return {
      reportTypes,
      sbomFormats: SBOM_FORMATS.filter((format) => named.some((name) => findSbomFormat(name) === format)),
    };
  }

  private isProduced({ wanted }: Scan, type: string, format: SbomFormat | null): boolean {
    if (!wanted.reportTypes.some((produced) => isSameMediaType(produced, type))) return false;
    return type !== ScannerMediaType.SBOM_REPORT || (format !== null && wanted.sbomFormats.includes(format));
  }

  private reportOf(scan: Scan, type: string, format: SbomFormat | null): Buffer {
    const key = `${type} ${format ?? ''}`;
    const made = scan.reports.get(key) ?? this.makeReport(scan, type, format);
    scan.reports.set(key, made);
    return made;
  }

  private makeReport({ request, contents, generatedAt }: Scan, type: string, format: SbomFormat | null): Buffer {
    const facts: ReportFacts = {
      artifact: request.artifact,
      scanner: this.metadata.scanner,
      contents: contents ?? { findings: [], createdAt: generatedAt },
      generatedAt,
    };
    const isSbom = type === ScannerMediaType.SBOM_REPORT && format !== null;
    return Buffer.from(JSON.stringify(isSbom ? sbomReport(format, facts) : vulnerabilityReport(type, facts)));
  }

  private isTrivy(): boolean {
    return this.settings.flavour === 'trivy';
  }
}

export function send(response: ServerResponse, status: number, type: string, document: object): void {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(document));
}

/** To an adapter of 1.0 or 1.1 they are a field like any other that it does not know. */
function withoutCapabilities(document: unknown): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return document;
  return Object.fromEntries(Object.entries(document).filter(([key]) => key !== 'enabled_capabilities'));
}
