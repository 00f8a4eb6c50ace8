import type { DigestAlgorithm } from '@breakwater/oci';
import type { HashSession } from './hasher.js';

/**
 * Hash states of uploads between two requests: the next PATCH or PUT of the same upload in the same process goes on
 * with one instead of reading everything again. Bounded: what is put aside longest is forgotten first, and costs its
 * upload one reading.
 *
 * Filed by the revision of the write state, and not by key and size: after a crash or in another replica an upload can
 * come to the same size with other bytes, and a hash of the lost ones would certify what is not there.
 */
export class LiveHashes {
  /** In order of insertion, which is what makes it a queue. */
  readonly #sessions = new Map<string, HashSession>();

  constructor(private readonly most = 1024) {}

  park(revision: string, session: HashSession): void {
    this.#sessions.get(revision)?.drop();
    this.#sessions.set(revision, session);
    const [oldest] = this.#sessions;
    if (this.#sessions.size <= this.most || !oldest) return;
    this.#sessions.delete(oldest[0]);
    oldest[1].drop();
  }

  /** Hands the state over: two writers must not both go on with it. */
  take(revision: string, algorithm: DigestAlgorithm): HashSession | null {
    const session = this.#sessions.get(revision);
    if (session?.algorithm !== algorithm) return null;
    this.#sessions.delete(revision);
    return session;
  }

  clear(): void {
    for (const session of this.#sessions.values()) session.drop();
    this.#sessions.clear();
  }
}
