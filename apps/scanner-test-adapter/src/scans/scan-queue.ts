import { randomUUID } from 'node:crypto';
import { OutboundClient } from '@breakwater/outbound';
import type { Scanner, ScanRequest, SbomFormat } from '@breakwater/scanner-spec';
import type { AdapterSettings } from '../adapter-options.js';
import type { FaultSwitches } from '../faults.js';
import { readContents, type Contents } from '../pulling/declared-findings.js';
import { PullError, RegistryPuller } from '../pulling/registry-puller.js';

/** What a scan was asked for: media types of reports, and formats of SBOMs. */
export interface Wanted {
  readonly reportTypes: readonly string[];
  readonly sbomFormats: readonly SbomFormat[];
}

export interface Scan {
  readonly id: string;
  readonly request: ScanRequest;
  readonly wanted: Wanted;
  state: 'queued' | 'running' | 'done' | 'failed';
  contents: Contents | null;
  message: string;
  /** RFC 3339; empty until it is done. */
  generatedAt: string;
  /** By media type and format, once made: the same bytes for whoever asks again. */
  readonly reports: Map<string, Buffer>;
}

/** Scans that wait, that run, and that are done. All in memory: a restart forgets them, as many adapters do. */
export class ScanQueue {
  readonly scans = new Map<string, Scan>();
  readonly requests: ScanRequest[] = [];
  private readonly waiting: Scan[] = [];
  private running = 0;
  private readonly stopping = new AbortController();
  /** A scanner is told by its registry where to go: that is what it is for. */
  private readonly outbound = new OutboundClient({ allow: ['0.0.0.0/0', '::/0'] });

  constructor(
    private readonly settings: AdapterSettings,
    private readonly faults: FaultSwitches,
    readonly scanner: Scanner,
  ) {}

  add(request: ScanRequest, wanted: Wanted): Scan {
    const scan: Scan = {
      id: randomUUID(),
      request,
      wanted,
      state: 'queued',
      contents: null,
      message: '',
      generatedAt: '',
      reports: new Map(),
    };
    this.scans.set(scan.id, scan);
    this.requests.push(request);
    this.forgetOldest();
    this.waiting.push(scan);
    this.startNext();
    return scan;
  }

  async stop(): Promise<void> {
    this.waiting.length = 0;
    this.stopping.abort();
    await this.outbound.close();
  }

  private startNext(): void {
    while (this.running < this.settings.concurrency) {
      const scan = this.waiting.shift();
      if (scan === undefined) return;
      this.running++;
      void this.run(scan).finally(() => {
        this.running--;
        this.startNext();
      });
    }
  }

  private async run(scan: Scan): Promise<void> {
    scan.state = 'running';
    try {
      const fault = this.faults.takeScanFault();
      if (fault === 'never-ends') await aborted(this.stopping.signal);
      if (fault === 'fail') throw new PullError('the vulnerability database cannot be downloaded');
      if (fault === 'leak') throw new PullError(`pull failed: ${JSON.stringify(scan.request.registry)}`);
      const puller = new RegistryPuller(this.outbound, scan.request, this.stopping.signal);
      scan.contents = await readContents(puller, scan.request.artifact.digest, this.settings.derivedFindings);
      scan.generatedAt = new Date().toISOString();
      scan.state = 'done';
    } catch (error) {
      scan.message = error instanceof Error ? error.message : 'unknown';
      scan.state = 'failed';
    }
    this.settings.log(`scan ${scan.id} of ${scan.request.artifact.repository}: ${scan.state} ${scan.message}`);
  }

  private forgetOldest(): void {
    const [oldest] = this.scans.keys();
    if (this.requests.length > MOST_SCANS) this.requests.shift();
    if (this.scans.size > MOST_SCANS && oldest !== undefined) this.scans.delete(oldest);
  }
}

const MOST_SCANS = 20_000;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
