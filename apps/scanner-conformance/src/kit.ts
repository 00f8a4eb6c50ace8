import { randomBytes } from 'node:crypto';
import { ScannerMediaType, type ScanRequest, VULNERABILITY_REPORT_TYPES } from '@breakwater/scanner-spec';
import type { AdapterClient } from './adapter/adapter-client.js';
import { type Exchange, describe, errorMessage, header, json } from './adapter/exchange.js';
import { type Declared, readDeclared } from './adapter/declared.js';
import { type ArtifactName, type Sizes, catalogue } from './artifacts/catalogue.js';
import { BlockedError } from './checks/blocked.error.js';
import type { Profile } from './checks/profile.js';
import type { FixtureRegistry } from './registry/fixture-registry.js';
import type { Behaviour, HostedRepository } from './registry/hosted-repository.js';
import type { Site } from './registry/request-log.js';

export interface KitOptions {
  profile: Profile;
  /** A scan that is not over by then counts as never over. */
  scanTimeoutMs: number;
  sizes: Sizes;
  /** An answer that takes longer has come too late; registries give up after five seconds. */
  answerWithinMs: number;
  /** How many scans are submitted to see whether their ids differ. */
  submits: number;
  /** How many scans and questions are made at once. */
  parallel: number;
  /** A vulnerability database older than this is worth a warning. */
  maxDatabaseAgeDays: number;
}

/** How a scan is asked for and its report fetched. */
export interface Question {
  accept: string;
  /** Formats of the SBOM; null asks for vulnerabilities. */
  sbomFormat: string | null;
}

export interface ScanSettings {
  site?: Site;
  question?: Question;
  behaviour?: Behaviour;
  /** Changes the request before it is sent. */
  change?: (request: ScanRequest) => object;
}

/** A scan from its submission to its last answer. */
export interface Scan {
  repository: HostedRepository;
  request: ScanRequest;
  startedAt: number;
  submitted: Exchange;
  id: string | null;
  /** The answer that ended it; null: it was not accepted, or not over in time. */
  last: Exchange | null;
  endedAt: number;
}

/** What the checks work with: the adapter, the registry it is sent to, and the scans that several of them look at. */
export class Kit {
  private readonly salt = randomBytes(4).toString('hex');
  private readonly shared = new Map<string, Promise<unknown>>();
  private repositories = 0;

  constructor(
    readonly adapter: AdapterClient,
    readonly registry: FixtureRegistry,
    readonly options: KitOptions,
  ) {}

  /** What the adapter says of itself. Blocked by A1 when it says nothing that can be read. */
  declared(): Promise<Declared> {
    return this.once('declared', async () => {
      const exchange = await this.adapter.get('/api/v1/metadata', { Accept: ScannerMediaType.METADATA });
      const declared = exchange.status === 200 ? readDeclared(json(exchange)) : null;
      if (declared === null) throw new BlockedError('A1', describe(exchange));
      return declared;
    });
  }

  /** The report that scans of no particular kind are asked for. */
  async question(): Promise<Question> {
    const { vulnerabilityTypes, sbomFormats } = await this.declared();
    const accept =
      VULNERABILITY_REPORT_TYPES.find((type) => vulnerabilityTypes.includes(type)) ?? vulnerabilityTypes[0];
    if (accept !== undefined) return { accept, sbomFormat: null };
    if (sbomFormats[0] !== undefined) return sbomQuestion(sbomFormats[0]);
    throw new BlockedError('A6', 'the adapter declares no report that could be asked for');
  }

  /** Where adapters are sent that shall meet nothing unusual. */
  async homeSite(): Promise<Site> {
    return (await this.declared()).authorizationType === 'Bearer' ? 'token' : 'basic';
  }

  /** Hosts an artifact under a name that nobody has used. */
  host(artifact: ArtifactName, behaviour: Behaviour = {}, name?: string): HostedRepository {
    const unique = name ?? `conformance/${artifact.toLowerCase()}-${++this.repositories}`;
    return this.registry.add(unique, catalogue[artifact](this.saltOf(unique), this.options.sizes), behaviour);
  }

  saltOf(repository: string): string {
    return `${this.salt} ${repository}`;
  }

  /** A request to scan what is hosted, as a registry of this profile would write it. */
  async requestFor(repository: HostedRepository, settings: ScanSettings = {}): Promise<ScanRequest> {
    const site = settings.site ?? (await this.homeSite());
    const question = settings.question ?? (await this.question());
    const { name, artifact, behaviour } = repository;
    const isOpen = site === 'anonymous';
    const authorization = isOpen ? {} : { authorization: await this.authorizationFor(repository) };
    return {
      registry: { url: this.registry.url(site) + (behaviour.pathPrefix ?? ''), ...authorization, insecure: true },
      artifact: {
        repository: name,
        digest: artifact.digest,
        tag: 'latest',
        mime_type: artifact.mediaType,
        size: artifact.manifest.length,
      },
      ...(this.knowsCapabilities ? { enabled_capabilities: [enabledCapability(question)] } : {}),
    };
  }

  /** `POST /scan`. */
  submit(body: unknown, options: { contentType?: string; isProbe?: boolean } = {}): Promise<Exchange> {
    const contentType = options.contentType ?? this.requestType;
    return this.adapter.ask('/api/v1/scan', {
      method: 'POST',
      headers: { 'Content-Type': contentType, Accept: ScannerMediaType.SCAN_RESPONSE },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      isProbe: options.isProbe ?? false,
    });
  }

  /** `GET /scan/{id}/report`, once. */
  ask(id: string, question: Question, request: { isProbe?: boolean } = {}): Promise<Exchange> {
    return this.adapter.get(reportPath(id, question), { Accept: question.accept }, request);
  }

  /**
   * Asks until the answer is something else than 302. Sooner than `Refresh-After` says at the beginning: a kit is not
   * paid by the hour, and an adapter has to bear it.
   */
  async poll(id: string, question: Question): Promise<Exchange | null> {
    const deadline = Date.now() + this.options.scanTimeoutMs;
    for (let pauseMs = 20; ; pauseMs *= 2) {
      const exchange = await this.ask(id, question);
      if (exchange.status !== 302) return exchange;
      if (Date.now() >= deadline) return null;
      const wanted = Number(header(exchange, 'refresh-after') ?? 5) * 1000;
      await pause(Math.min(pauseMs, wanted > 0 ? wanted : 1000, 1000, Math.max(deadline - Date.now(), 0)));
    }
  }

  /** Hosts, submits and polls. */
  async scan(artifact: ArtifactName, settings: ScanSettings = {}, name?: string): Promise<Scan> {
    const repository = this.host(artifact, settings.behaviour, name);
    return this.scanHosted(repository, settings);
  }

  async scanHosted(repository: HostedRepository, settings: ScanSettings = {}): Promise<Scan> {
    const question = settings.question ?? (await this.question());
    const request = await this.requestFor(repository, { ...settings, question });
    const startedAt = Date.now();
    const submitted = await this.submit(settings.change ? settings.change(request) : request);
    const id = submitted.status === 202 ? idOf(submitted) : null;
    const last = id === null ? null : await this.poll(id, question);
    return { repository, request, startedAt, submitted, id, last, endedAt: Date.now() };
  }

  /** The scan of an ordinary image that most checks of reports look at. Blocked by B1 when it is not accepted. */
  async mainScan(question?: Question): Promise<Scan & { id: string }> {
    const asked = question ?? (await this.question());
    const scan = await this.once(`scan ${JSON.stringify(asked)}`, () => this.scan('debian', { question: asked }));
    if (scan.id === null) throw new BlockedError('B1', describe(scan.submitted));
    return { ...scan, id: scan.id };
  }

  /** The report of the main scan. Blocked by C1 (or D1) when there is none. */
  async mainReport(question?: Question): Promise<Exchange> {
    const asked = question ?? (await this.question());
    const { last } = await this.mainScan(asked);
    if (last?.status === 200) return last;
    throw new BlockedError(asked.sbomFormat === null ? 'C1' : 'D1', last ? describe(last) : this.tooLate);
  }

  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const made = this.shared.get(key) ?? make();
    this.shared.set(key, made);
    return made as Promise<T>;
  }

  get tooLate(): string {
    return `still 302 after ${this.options.scanTimeoutMs / 1000} s`;
  }

  /** Harbor writes 1.2's fields under the media type of 1.0. */
  get requestType(): string {
    const isNew = this.options.profile === '1.2' || this.options.profile === 'robust';
    return isNew ? ScannerMediaType.SCAN_REQUEST_1_1 : ScannerMediaType.SCAN_REQUEST;
  }

  get knowsCapabilities(): boolean {
    return this.options.profile !== '1.0' && this.options.profile !== '1.1';
  }

  async authorizationFor(repository: HostedRepository): Promise<string> {
    const { authorizationType } = await this.declared();
    return authorizationType === 'Bearer' ? `Bearer ${repository.issueToken()}` : repository.basic();
  }
}

export function sbomQuestion(sbomFormat: string): Question {
  return { accept: ScannerMediaType.SBOM_REPORT, sbomFormat };
}

export function reportPath(id: string, { sbomFormat }: Pick<Question, 'sbomFormat'>): string {
  const query = sbomFormat === null ? '' : `?sbom_media_type=${encodeURIComponent(sbomFormat)}`;
  return `/api/v1/scan/${encodeURIComponent(id)}/report${query}`;
}

export function idOf(exchange: Exchange): string | null {
  const body = json(exchange) as { id?: unknown } | null | undefined;
  return typeof body?.id === 'string' && body.id !== '' ? body.id : null;
}

/** How a scan ended, in words. */
export function describeScan({ submitted, last }: Scan, tooLate: string): string {
  if (submitted.status !== 202) return describe(submitted);
  return last === null ? `accepted, then ${tooLate}` : describe(last);
}

/** Refused when submitted, or answered by an error with a message. */
export function isHonestFailure({ submitted, last }: Scan): boolean {
  if (submitted.status !== 202) return isRefusal(submitted);
  return last?.status === 500 && errorMessage(last) !== null;
}

/** Whether a request was refused in words: 4xx or 501. */
export function isRefusal({ status }: Exchange): boolean {
  return status !== null && ((status >= 400 && status < 500) || status === 501);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function enabledCapability({ accept, sbomFormat }: Question): NonNullable<ScanRequest['enabled_capabilities']>[number] {
  if (sbomFormat === null) return { type: 'vulnerability', produces_mime_types: [accept] };
  return { type: 'sbom', produces_mime_types: [accept], parameters: { sbom_media_types: [sbomFormat] } };
}
