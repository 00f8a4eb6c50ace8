import type { Random } from '../random.js';
import type { BlobPromises } from './blob-promises.js';
import type { Findings } from './findings.js';
import type { Heard, Said, Wire } from './wire.js';

export interface UserToolsOptions {
  readonly wire: Wire;
  /** Of the replicas: each request goes to one that listens, chosen at random. */
  readonly ports: readonly number[];
  readonly random: Random;
  readonly findings: Findings;
  readonly promises: BlobPromises;
  readonly uploadTtlSeconds: number;
  readonly blobLeaseSeconds: number;
  /** PostgreSQL crashes here. */
  readonly losesEmptySessions: boolean;
}

/** What one user talks to the registry with. */
export class UserTools {
  readonly findings: Findings;
  readonly promises: BlobPromises;
  readonly uploadTtlSeconds: number;
  readonly blobLeaseSeconds: number;
  readonly losesEmptySessions: boolean;

  constructor(private readonly options: UserToolsOptions) {
    this.findings = options.findings;
    this.promises = options.promises;
    this.uploadTtlSeconds = options.uploadTtlSeconds;
    this.blobLeaseSeconds = options.blobLeaseSeconds;
    this.losesEmptySessions = options.losesEmptySessions;
  }

  /** Null: no answer, or one that says that nothing is certain (503 with Retry-After). Any other 5xx is a finding. */
  async ask(method: string, target: string, said: Said = {}): Promise<Heard | null> {
    const { wire, ports, random, findings } = this.options;
    const heard = await wire.ask(random.shuffled(ports), method, target, said);
    if (heard === null || heard.status < 500) return heard;
    findings.require(
      heard.status === 503 && Number(heard.headers['retry-after']) > 0,
      () => `${method} ${target}: ${heard.status} ${heard.body.toString().slice(0, 300)}`,
    );
    return null;
  }
}
