import { join } from 'node:path';
import { basic } from '../../system/api.js';
import type { Cluster } from '../cluster/cluster.js';
import type { Random } from '../random.js';
import { BlobPromises } from './blob-promises.js';
import { ClientUser } from './client-user.js';
import { ContentMaker } from './content.js';
import { Findings } from './findings.js';
import type { RepositoryLedger } from './ledger.js';
import { RawUser } from './raw-user.js';
import { UserTools } from './user-tools.js';
import { Wire } from './wire.js';

export interface LoadOptions {
  readonly rawUsers: number;
  /** With programs of others: skopeo, crane, regctl, as far as the machine has them. */
  readonly clientUsers: number;
  /** Where the programs find the registry: `127.0.0.1:port`. */
  readonly registry: string;
  readonly maxLayerBytes: number;
  /** PostgreSQL crashes meanwhile, which may take sessions away that are still empty. */
  readonly losesEmptySessions?: boolean;
}

const REPOSITORIES_OF_A_USER = 2;

/** Everybody who uses a cluster while it suffers, and what they were told. */
export class Load {
  readonly findings = new Findings();
  readonly wire: Wire;
  private readonly raw: RawUser[];
  private readonly clients: ClientUser[];

  constructor(cluster: Cluster, project: string, random: Random, options: LoadOptions) {
    this.wire = new Wire(basic(cluster.api.admin));
    const content = new ContentMaker(random, options.maxLayerBytes);
    const promises = new BlobPromises(cluster.lives.blobLeaseSeconds);
    const repositoriesOf = (user: string): string[] =>
      Array.from({ length: REPOSITORIES_OF_A_USER }, (_, index) => `${project}/${user}/app-${index + 1}`);
    const names = Array.from({ length: options.rawUsers }, (_, index) => `raw-${index + 1}`);
    const all = names.flatMap(repositoriesOf);
    this.raw = names.map((name) => {
      const own = random.fork();
      const tools = new UserTools({
        wire: this.wire,
        ports: cluster.ports,
        random: own,
        findings: this.findings,
        promises,
        ...cluster.lives,
        losesEmptySessions: options.losesEmptySessions ?? false,
      });
      return new RawUser({ tools, random: own, content, repositories: repositoriesOf(name), others: all });
    });
    this.clients = Array.from({ length: options.clientUsers }, (_, index) => {
      const name = `client-${index + 1}`;
      return new ClientUser({
        registry: options.registry,
        who: cluster.api.admin,
        random: random.fork(),
        content,
        repositories: repositoriesOf(name),
        directory: join(cluster.directory, name),
      });
    }).filter(({ programs }) => programs.length > 0);
  }

  get ledgers(): RepositoryLedger[] {
    return [...this.raw, ...this.clients].flatMap(({ ledgers }) => ledgers);
  }

  /** Acknowledged pushes of manifests by anybody. */
  get pushes(): number {
    return sum(this.ledgers.map(({ pushes }) => pushes));
  }

  /** Those of them that another's program made. */
  get clientPushes(): number {
    return sum(this.clients.flatMap(({ ledgers }) => ledgers).map(({ pushes }) => pushes));
  }

  get hasPrograms(): boolean {
    return this.clients.length > 0;
  }

  /** Until the signal; then everybody finishes what they are at. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.raw, ...this.clients].map((user) => user.run(signal)));
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
