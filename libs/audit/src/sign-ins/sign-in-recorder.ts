import type { UnitOfWork } from '@breakwater/database';
import { LRUCache } from 'lru-cache';
import type { AuditEntry } from '../entries/audit-entry.js';
import type { AuditEntryRepository } from '../entries/audit-entry.repository.js';
import type { Clock } from '../ports.js';

/** A password that was checked. */
export interface CheckedSignIn {
  /** Of the account that was meant. Null where there is none: what was typed may be a password, and is not kept. */
  readonly username: string | null;
  /** Address of the client. */
  readonly source: string | null;
  readonly isSuccess: boolean;
}

export interface SignInRecorderOptions {
  readonly flushSeconds: number;
  /** Rows of failures that one flush writes; what goes beyond is one row with their number. */
  readonly maxFailures: number;
  /** A client that sends its password all day is one row in so many seconds. */
  readonly repeatSeconds: number;
}

export const DEFAULT_SIGN_INS: SignInRecorderOptions = { flushSeconds: 30, maxFailures: 20, repeatSeconds: 3_600 };

/** More than this is not held when the database stays away. */
const MAX_SUCCESSES = 1_000;

/**
 * Sign-ins as rows, without a write in any of them: noted in memory, written together. An attacker who guesses fills
 * neither the table nor the memory: failures of one account from one address are one row of a flush, and so are all
 * those beyond the first few. A crash loses the last seconds of them.
 */
export class SignInRecorder {
  private successes = new Map<string, Noted>();
  private failures = new Map<string, Noted>();
  private otherFailures: Noted | null = null;
  /** When who was last written down as signed in from where; a failure since then makes the next success news again. */
  private readonly told: LRUCache<string, number>;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly unitOfWork: Pick<UnitOfWork, 'run'>,
    private readonly entries: AuditEntryRepository,
    private readonly clock: Clock,
    private readonly options: SignInRecorderOptions = DEFAULT_SIGN_INS,
  ) {
    this.told = new LRUCache({ max: 20_000 });
  }

  /** Never throws and never waits: it is called in the request. */
  signInChecked({ username, source, isSuccess }: CheckedSignIn): void {
    const key = JSON.stringify([username, source]);
    const noted = { username, source, count: 1, at: this.clock.now() };
    if (isSuccess) this.noteSuccess(key, noted);
    else this.noteFailure(key, noted);
  }

  /** Writes down what was noted until now; called at shutdown as well. Never throws: what failed is tried again. */
  flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.writing = this.writing.then(() => this.writeAll());
    return this.writing;
  }

  private noteSuccess(key: string, noted: Noted): void {
    const now = noted.at.getTime();
    const toldAt = this.told.get(key);
    if (toldAt !== undefined && now - toldAt < this.options.repeatSeconds * 1000) return;
    if (this.successes.size >= MAX_SUCCESSES) return;
    this.told.set(key, now);
    this.successes.set(key, noted);
    this.flushLater();
  }

  private noteFailure(key: string, noted: Noted): void {
    this.told.delete(key);
    const before = this.failures.get(key);
    if (before === undefined && this.failures.size >= this.options.maxFailures)
      this.otherFailures = sumOf(this.otherFailures, noted);
    else this.failures.set(key, sumOf(before ?? null, noted));
    this.flushLater();
  }

  private flushLater(): void {
    this.timer ??= setTimeout(() => void this.flush(), this.options.flushSeconds * 1000).unref();
  }

  private async writeAll(): Promise<void> {
    const { successes, failures, otherFailures } = this;
    this.successes = new Map();
    this.failures = new Map();
    this.otherFailures = null;
    const rows = [
      ...[...failures.values()].map((noted) => entryOf(noted, false)),
      ...(otherFailures === null ? [] : [entryOfOthers(otherFailures)]),
      ...[...successes.values()].map((noted) => entryOf(noted, true)),
    ];
    try {
      await this.unitOfWork.run((tx) => this.entries.insert(tx, rows));
    } catch {
      // The database is away, which its own health check tells. The next note sets the timer again.
      this.takeBack(successes, failures, otherFailures);
    }
  }

  private takeBack(
    successes: ReadonlyMap<string, Noted>,
    failures: ReadonlyMap<string, Noted>,
    otherFailures: Noted | null,
  ): void {
    for (const [key, noted] of successes) if (this.successes.size < MAX_SUCCESSES) this.successes.set(key, noted);
    for (const [key, noted] of failures) {
      const since = this.failures.get(key);
      if (since !== undefined || this.failures.size < this.options.maxFailures)
        this.failures.set(key, since === undefined ? noted : sumOf(noted, since));
      else this.otherFailures = sumOf(this.otherFailures, noted);
    }
    this.otherFailures = otherFailures === null ? this.otherFailures : sumOf(this.otherFailures, otherFailures);
  }
}

interface Noted {
  readonly username: string | null;
  readonly source: string | null;
  readonly count: number;
  /** Of the latest. */
  readonly at: Date;
}

function sumOf(before: Noted | null, noted: Noted): Noted {
  if (before === null) return noted;
  return { ...noted, count: before.count + noted.count, at: before.at > noted.at ? before.at : noted.at };
}

function entryOf({ username, source, count, at }: Noted, isSuccess: boolean): AuditEntry {
  const from = source === null ? '' : ` from ${source}`;
  const times = count === 1 ? '' : `, ${count} times`;
  const description = isSuccess ? `login${from}` : `login failed${from}${times}`;
  return loginEntry(username, username === null ? `${description}: no such user` : description, isSuccess, at);
}

function entryOfOthers({ count, at }: Noted): AuditEntry {
  return loginEntry(null, `login failed for other users or from other addresses, ${count} times`, false, at);
}

function loginEntry(username: string | null, description: string, isSuccess: boolean, at: Date): AuditEntry {
  const name = username ?? 'anonymous';
  const common = { type: 'login_user', projectId: null } as const;
  return { ...common, username: name, resource: name, description, isSuccess, at: at.toISOString() };
}
