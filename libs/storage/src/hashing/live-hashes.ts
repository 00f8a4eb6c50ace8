import type { DigestAlgorithm } from '@breakwater/oci';
import type { HashSession } from './hasher.js';

/**
 * Hash states of uploads between two requests, by object and by how much of it they cover: the next PATCH or PUT of
 * the same upload in the same process goes on with one instead of reading everything again. Bounded: what is put
 * aside longest is forgotten first, and costs its upload one reading.
 */
export class LiveHashes {
  /** In order of insertion, which is what makes it a queue. */
  readonly #sessions = new Map<string, HashSession>();

  constructor(private readonly most = 1024) {}

  park(key: string, session: HashSession): void {
    const name = nameOf(key, session.hashedBytes);
    this.#sessions.get(name)?.drop();
    this.#sessions.set(name, session);
    const [oldest] = this.#sessions;
    if (this.#sessions.size <= this.most || !oldest) return;
    this.#sessions.delete(oldest[0]);
    oldest[1].drop();
  }

  /** Hands the state over: two writers must not both go on with it. */
  take(key: string, hashedBytes: number, algorithm: DigestAlgorithm): HashSession | null {
    const name = nameOf(key, hashedBytes);
    const session = this.#sessions.get(name);
    if (session?.algorithm !== algorithm) return null;
    this.#sessions.delete(name);
    return session;
  }

  clear(): void {
    for (const session of this.#sessions.values()) session.drop();
    this.#sessions.clear();
  }
}

function nameOf(key: string, hashedBytes: number): string {
  return `${key}@${hashedBytes}`;
}
