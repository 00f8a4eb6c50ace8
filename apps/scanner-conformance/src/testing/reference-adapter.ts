import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  SBOM_FORMATS,
  type ScanRequest,
  ScannerMediaType,
  describeFaults,
  errorBody,
  parseScanRequest,
  statusOfFaults,
} from '@breakwater/scanner-spec';
import type { Manners } from './manners.js';
import { METADATA, sbomReport, vulnerabilityReport } from './reference-documents.js';
import { type FoundPackage, pullAndScan } from './reference-scan.js';

/** A request as the adapter under test sees it. */
export interface Call {
  method: string;
  path: string;
  /** As it was sent, before anything was decoded. */
  rawTarget: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
  /** The scan that it asks for, when it exists. */
  job: Job | null;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Job {
  id: string;
  request: ScanRequest;
  /** Null while it is running. */
  outcome: { packages: FoundPackage[] } | { reason: string } | null;
  doneAt: Date | null;
  polls: number;
}

/** What makes a mutant of the adapter: everything not given is as it should be. */
export interface Mutation {
  /** Another reply than the right one; may take its time. */
  reply?: (call: Call, reply: Reply, adapter: ReferenceAdapter) => Reply | Promise<Reply>;
  /** Changes metadata, reports of vulnerabilities and SBOMs; `kind` tells which. */
  document?: (document: Record<string, unknown>, kind: DocumentKind) => unknown;
  manners?: Partial<Manners>;
  /** Takes the connection itself; true: the adapter does not answer. */
  takeOver?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Instead of beginning with the scan at once. */
  schedule?: (job: Job, begin: () => Promise<void>) => void;
}

export type DocumentKind = 'metadata' | 'report' | 'sbom';

export interface ReferenceOptions {
  mutation?: Mutation;
  /** Header and value that every request needs. */
  credentials?: [string, string];
  /** The whole of a scan, in milliseconds. */
  scanDeadlineMs?: number;
  registryAuthorizationType?: 'Basic' | 'Bearer';
}

const MAX_BODY_BYTES = 64 * 1024;

/**
 * An adapter in one process that does everything right, so that tests can make it do one thing wrong. It really pulls.
 */
export class ReferenceAdapter {
  readonly jobs = new Map<string, Job>();
  private readonly server: Server;
  private readonly mutation: Mutation;

  constructor(private readonly options: ReferenceOptions = {}) {
    this.mutation = options.mutation ?? {};
    this.server = createServer((request, response) => {
      if (this.mutation.takeOver?.(request, response)) return;
      this.answer(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<URL> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://adapter');
    const body = await readBody(request);
    const id = /^\/api\/v1\/scan\/([^/]+)\/report$/.exec(url.pathname)?.[1];
    const call: Call = {
      method: request.method ?? '',
      path: url.pathname,
      rawTarget: request.url ?? '/',
      query: url.searchParams,
      headers: request.headers,
      body: body ?? '',
      job: id === undefined ? null : (this.jobs.get(decodeURIComponent(id)) ?? null),
    };
    const right = body === null ? problem(413, 'the request is too large') : this.replyTo(call);
    const reply = (await this.mutation.reply?.(call, right, this)) ?? right;
    response.writeHead(reply.status, reply.headers).end(reply.body);
  }

  private replyTo(call: Call): Reply {
    const { credentials } = this.options;
    if (credentials && call.headers[credentials[0].toLowerCase()] !== credentials[1])
      return problem(401, 'credentials are needed');
    const route = `${call.method} ${call.path}`;
    if (route === 'GET /api/v1/metadata')
      return ok(ScannerMediaType.METADATA, this.changed(this.metadata(), 'metadata'));
    if (route === 'GET /metrics') return { status: 200, headers: {}, body: `scans_total ${this.jobs.size}\n` };
    if (route === 'POST /api/v1/scan') return this.submit(call);
    if (call.method === 'GET' && /^\/api\/v1\/scan\/[^/]+\/report$/.test(call.path)) return this.report(call);
    return problem(404, 'there is nothing here');
  }

  private metadata(): Record<string, unknown> {
    const type = this.options.registryAuthorizationType ?? 'Basic';
    const properties = { ...METADATA.properties, 'harbor.scanner-adapter/registry-authorization-type': type };
    return { ...METADATA, properties };
  }

  private submit({ body }: Call): Reply {
    const document = parseJson(body);
    if (document === undefined) return problem(400, 'the request is no JSON');
    const { value: request, faults } = parseScanRequest(document);
    if (request === null || faults.some(({ isFatal }) => isFatal))
      return problem(statusOfFaults(faults), describeFaults(faults));
    const produced: string[] = METADATA.capabilities.flatMap(({ produces_mime_types: types }) => types);
    const isOffered = (request.enabled_capabilities ?? []).every(({ produces_mime_types: types = [] }) =>
      types.every((type) => produced.includes(type)),
    );
    if (!isOffered) return problem(501, 'this report is not offered');
    const job: Job = { id: randomUUID(), request, outcome: null, doneAt: null, polls: 0 };
    this.jobs.set(job.id, job);
    const begin = (): Promise<void> => this.work(job);
    if (this.mutation.schedule) this.mutation.schedule(job, begin);
    else void begin();
    return ok(ScannerMediaType.SCAN_RESPONSE, { id: job.id }, 202);
  }

  private async work(job: Job): Promise<void> {
    const signal = AbortSignal.timeout(this.options.scanDeadlineMs ?? 10_000);
    const manners = this.mutation.manners ?? {};
    try {
      job.outcome = { packages: await pullAndScan(job.request, manners, signal) };
    } catch (error) {
      const reason = error instanceof Error ? error.message || error.name : String(error);
      job.outcome = manners.hidesFailures ? { packages: [] } : { reason };
    }
    job.doneAt = new Date();
  }

  private report({ job, headers, query }: Call): Reply {
    if (job === null) return problem(404, 'there is no such scan');
    job.polls++;
    if (job.outcome === null) return { status: 302, headers: { 'Refresh-After': '1', 'Retry-After': '1' }, body: '' };
    if ('reason' in job.outcome) return problem(500, job.outcome.reason);
    const accept = headers.accept ?? ScannerMediaType.NATIVE_REPORT;
    const scan = { request: job.request, packages: job.outcome.packages, doneAt: job.doneAt ?? new Date() };
    if (accept === ScannerMediaType.SBOM_REPORT) {
      const format = SBOM_FORMATS.find((known) => known === query.get('sbom_media_type'));
      if (format === undefined) return problem(400, 'sbom_media_type is missing or unknown');
      return ok(accept, this.changed(sbomReport(format, scan), 'sbom'));
    }
    if (accept !== ScannerMediaType.NATIVE_REPORT && accept !== ScannerMediaType.GENERIC_REPORT)
      return problem(406, `there is no report of type ${accept}`);
    return ok(accept, this.changed(vulnerabilityReport(scan), 'report'));
  }

  private changed(document: Record<string, unknown>, kind: DocumentKind): unknown {
    return this.mutation.document?.(structuredClone(document), kind) ?? document;
  }
}

export function problem(status: number, message: string): Reply {
  return { status, headers: { 'Content-Type': ScannerMediaType.ERROR }, body: JSON.stringify(errorBody(message)) };
}

function ok(contentType: string, document: unknown, status = 200): Reply {
  return { status, headers: { 'Content-Type': contentType }, body: JSON.stringify(document) };
}

/** Null when it is too large; the rest is read and thrown away, so that the answer gets through. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return sizeBytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString() : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
