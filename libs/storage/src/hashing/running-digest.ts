import { Digest, type DigestAlgorithm } from '@breakwater/oci';
import { randomUUID } from 'node:crypto';
import type { Hasher, HashSession } from './hasher.js';
import type { LiveHashes } from './live-hashes.js';

/** What the writers and readers of one store share. */
export interface Hashing {
  readonly hasher: Hasher;
  readonly live: LiveHashes;
}

/** Names the content of an unfinished write: every change of it is another revision. Part of every write state. */
export interface Revision {
  readonly revision: string;
  readonly sizeBytes: number;
}

export function newRevision(): string {
  return randomUUID();
}

/**
 * The hash that accompanies one writer: of everything stored, for as long as this process has seen all of it.
 * It says itself how far it reaches, so nobody has to remember when it stopped being true.
 */
export class RunningDigest {
  #session: HashSession | null;
  private constructor(
    private readonly live: LiveHashes,
    session: HashSession | null,
  ) {
    this.#session = session;
  }

  /** @param recorded  what is stored already; null for nothing. */
  static resume(
    { hasher, live }: Hashing,
    recorded: Revision | null,
    algorithm: DigestAlgorithm | 'none',
  ): RunningDigest {
    if (algorithm === 'none') return new RunningDigest(live, null);
    if (recorded === null || recorded.sizeBytes === 0) return new RunningDigest(live, hasher.open(algorithm));
    return new RunningDigest(live, live.take(recorded.revision, algorithm));
  }

  /** Whether it covers everything up to now. */
  get isLive(): boolean {
    return this.#session !== null;
  }

  /**
   * Hashes the bytes of `memory[0, lengthBytes)` that are new to it.
   *
   * @param offset  where `memory` begins in the object; what was hashed before is passed over, a gap ends the hash.
   * @returns the memory, when it may be used again. Never rejects.
   */
  async update(memory: Buffer, lengthBytes: number, offset: number): Promise<Buffer> {
    const session = this.#session;
    if (!session) return memory;
    const start = session.hashedBytes - offset;
    if (start >= lengthBytes) return memory;
    if (start >= 0) return session.update(memory, start, lengthBytes);
    this.#drop();
    return memory;
  }

  /** An append failed: a hash that ran ahead of what is durable has seen bytes that nobody will find again. */
  rewind(sizeBytes: number): void {
    if (this.#session && this.#session.hashedBytes > sizeBytes) this.#drop();
  }

  /** @returns null if it does not cover exactly `sizeBytes`, or under another algorithm. */
  async find(algorithm: DigestAlgorithm, sizeBytes: number): Promise<Digest | null> {
    const session = this.#session;
    if (session?.algorithm !== algorithm || session.hashedBytes !== sizeBytes) return null;
    const hex = await session.digest();
    return hex === null ? null : Digest.of(algorithm, hex);
  }

  /** The writer closes: keeps the state for the next one if it covers what is durable. */
  park({ revision, sizeBytes }: Revision): void {
    const session = this.#session;
    this.#session = null;
    if (!session) return;
    if (session.hashedBytes === sizeBytes && sizeBytes > 0 && !session.isLost) this.live.park(revision, session);
    else session.drop();
  }

  #drop(): void {
    this.#session?.drop();
    this.#session = null;
  }
}
