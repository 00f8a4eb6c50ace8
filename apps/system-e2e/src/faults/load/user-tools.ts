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
}

/** What one user talks to the registry with. */
export class UserTools {
  readonly findings: Findings;
  readonly promises: BlobPromises;
  readonly uploadTtlSeconds: number;

  constructor(private readonly options: UserToolsOptions) {
    ({ findings: this.findings, promises: this.promises, uploadTtlSeconds: this.uploadTtlSeconds } = options);
  }

  /** Null: no answer, or one that says that nothing is certain (5xx). A 500 is a finding: nothing here is our own. */
  async ask(method: string, target: string, said: Said = {}): Promise<Heard | null> {
    const { wire, ports, random, findings } = this.options;
    const heard = await wire.ask(random.shuffled(ports), method, target, said);
    if (heard === null || heard.status < 500) return heard;
    findings.require(
      heard.status === 503,
      () => `${method} ${target}: ${heard.status} ${heard.body.toString().slice(0, 300)}`,
    );
    return null;
  }
}
