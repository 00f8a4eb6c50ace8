import type { Random } from '../random.js';
import { digestOf } from '../load/content.js';
import type { Wire } from '../load/wire.js';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * Pulls artifacts with all that they name and compares every byte with its digest: by what the manifests say, not by
 * what anybody remembers.
 */
export class WholePuller {
  private readonly checked = new Set<string>();

  constructor(
    private readonly wire: Wire,
    private readonly ports: readonly number[],
    private readonly random: Random,
  ) {}

  /** @returns what is wrong; empty when all is there. @param reference  a tag or a digest. */
  async faultsOf(repository: string, reference: string): Promise<string[]> {
    const answer = await this.get(`/v2/${repository}/manifests/${reference}`);
    if (answer?.status !== 200) return [`${repository} ${reference}: manifest is ${answer?.status ?? 'not answered'}`];
    const digest = digestOf(answer.body);
    const told = String(answer.headers['docker-content-digest']);
    if (told !== digest || (reference.includes(':') && reference !== digest))
      return [`${repository} ${reference}: manifest is ${digest}, told as ${told}`];
    const {
      config,
      layers = [],
      manifests = [],
    } = JSON.parse(answer.body.toString()) as Partial<{
      config: Descriptor;
      layers: Descriptor[];
      manifests: Descriptor[];
    }>;
    const blobs = [...(config === undefined ? [] : [config]), ...layers];
    const faults = await Promise.all([
      ...blobs.map((blob) => this.faultsOfBlob(repository, blob)),
      ...manifests.map((child) => this.faultsOf(repository, child.digest)),
    ]);
    return faults.flat().map((fault) => `${reference}: ${fault}`);
  }

  private async faultsOfBlob(repository: string, { digest, size }: Descriptor): Promise<string[]> {
    const key = `${repository}@${digest}`;
    if (this.checked.has(key)) return [];
    const answer = await this.get(`/v2/${repository}/blobs/${digest}`);
    if (answer?.status !== 200) return [`${key}: blob is ${answer?.status ?? 'not answered'}`];
    if (answer.body.length !== size || digestOf(answer.body) !== digest)
      return [`${key}: ${answer.body.length} of ${size} bytes with digest ${digestOf(answer.body)}`];
    this.checked.add(key);
    return [];
  }

  private get(target: string): ReturnType<Wire['ask']> {
    return this.wire.ask(this.random.shuffled(this.ports), 'GET', target);
  }
}
