import { CachedLookup, type Transaction, type UnitOfWork } from '@breakwater/database';
import type { RepositoryName } from '@breakwater/oci';
import type { ScannerActor } from '@breakwater/rbac';
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { PullCredentialProjectGoneError } from '../accounts.errors.js';
import type { Clock } from '../ports.js';
import type { PullCredentialRepository, PullCredentialState } from './pull-credential.repository.js';

export interface NewPullCredential {
  readonly projectId: number;
  /** With it a credential is never made for a project that took over the name. */
  readonly projectIncarnation: string;
  /** With its project, e.g. `library/app`. */
  readonly repository: RepositoryName;
  /** It ends by itself then, whoever forgets to revoke it. */
  readonly ttlSeconds: number;
  /** On whose behalf, e.g. `task:42`. */
  readonly holder: string;
}

/** What a scanner is given to pull with, by Basic on /v2 or at the token endpoint. The secret is in no row. */
export interface PullCredential {
  readonly username: string;
  /** Letters, digits, `_` and `-`: scanners split `user:password` at a colon of their choice. */
  readonly secret: string;
  readonly expiresAt: Date;
}

/**
 * Credentials of scans: each pulls from exactly one repository, past the pull policies, for as long as its scan runs.
 * Asked for at every use, with answers at most `staleMs` old; so they end, with every token that was made of them, that
 * long after they are revoked.
 */
export class PullCredentials {
  private readonly states: CachedLookup<string, PullCredentialState | null>;

  constructor(
    private readonly repository: PullCredentialRepository,
    private readonly unitOfWork: UnitOfWork,
    clock: Clock,
    staleMs: number,
  ) {
    this.states = new CachedLookup({
      ttlMs: staleMs,
      maxEntries: 10_000,
      maxBatch: 256,
      concurrency: 2,
      nowMs: () => clock.monotonicMs(),
      find: async (ids) => {
        const byId = new Map((await this.repository.listGood(ids)).map((state) => [state.id, state]));
        return ids.map((id) => byId.get(id) ?? null);
      },
    });
  }

  /**
   * @param within  the caller's transaction, where it has one.
   * @throws PullCredentialProjectGoneError
   */
  async issue(credential: NewPullCredential, within?: Transaction): Promise<PullCredential> {
    const secret = `${SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
    const made = await this.run(within, async (tx) => {
      // Whoever makes one sweeps a few that nobody revoked: no sweeper is needed for rows that few tasks leave behind.
      await this.repository.deleteExpired(tx, SWEPT_AT_ONCE);
      return this.repository.insert(tx, { ...credential, digest: digestOf(secret) });
    });
    if (made === null) throw new PullCredentialProjectGoneError(credential.repository);
    return { username: `${USERNAME_PREFIX}${made.id}`, secret, expiresAt: made.expiresAt };
  }

  /** Ends every credential of the holder: here at once, elsewhere within `staleMs`. */
  async revoke(holder: string, within?: Transaction): Promise<void> {
    await this.revokeAll([holder], within);
  }

  /** The same of many that end together. */
  async revokeAll(holders: readonly string[], within?: Transaction): Promise<void> {
    await this.run(within, async (tx) => {
      const ids = await this.repository.deleteByHolders(tx, holders);
      tx.onCommit(() => {
        for (const id of ids) this.states.forget(id);
      });
    });
  }

  /** Whether a name can be one of ours: no user name has a `$`. */
  isUsername(name: string): boolean {
    return name.startsWith(USERNAME_PREFIX);
  }

  /** By name and secret. Guessing 256 bits needs no slowing down. @returns null when they are not good (any more). */
  async verify(username: string, secret: string): Promise<ScannerActor | null> {
    const id = username.slice(USERNAME_PREFIX.length);
    const state = UUID.test(id) ? await this.states.get(id) : null;
    if (state === null || !timingSafeEqual(state.digest, digestOf(secret))) return null;
    return actorOf(state);
  }

  /** By the claim of a token. @returns null when it is not good (any more). */
  async findActor(id: string): Promise<ScannerActor | null> {
    const state = UUID.test(id) ? await this.states.get(id) : null;
    return state === null ? null : actorOf(state);
  }

  forgetAll(): void {
    this.states.forgetAll();
  }

  private run<T>(within: Transaction | undefined, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return within === undefined ? this.unitOfWork.run(work) : work(within);
  }
}

const USERNAME_PREFIX = 'scanner$';
/** Lets scanners for leaked secrets recognise one. */
const SECRET_PREFIX = 'bws_';
/** As PostgreSQL writes them: other spellings of the same id would be other keys of the cache. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SWEPT_AT_ONCE = 10;

function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

function actorOf({ id, projectId, repository }: PullCredentialState): ScannerActor {
  return { kind: 'scanner', name: `${USERNAME_PREFIX}${id}`, credentialId: id, projectId, repository };
}
