import type { UnitOfWork } from '@breakwater/database';
import type { AuditEntry, AuditEventType } from '../entries/audit-entry.js';
import type { AuditEntryRepository } from '../entries/audit-entry.repository.js';
import type { Clock } from '../ports.js';

/** Somebody who is signed in tried to change something, and it was not done. */
export interface FailedAttempt {
  readonly type: AuditEventType;
  /** Null for what belongs to no project, and where there is none of that name. */
  readonly projectId: number | null;
  readonly username: string;
  /** As it was named. */
  readonly resource: string;
  /** Why, e.g. `403 forbidden`. */
  readonly reason: string;
}

export interface FailedAttemptsOptions {
  readonly flushSeconds: number;
  /** Rows that one flush writes; what goes beyond is one row with their number. */
  readonly maxRows: number;
}

export const DEFAULT_ATTEMPTS: FailedAttemptsOptions = { flushSeconds: 5, maxRows: 50 };

/**
 * What was tried in vain, as rows. Noted in memory and written together: a client that repeats what fails is one row of
 * a flush, and nobody fills the table by failing. A crash loses the last seconds of them.
 */
export class FailedAttempts {
  private noted = new Map<string, Noted>();
  /** The latest of what is beyond, with the number of all. */
  private others: Noted | null = null;
  private readonly lookUps = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly unitOfWork: Pick<UnitOfWork, 'run'>,
    private readonly entries: AuditEntryRepository,
    private readonly clock: Clock,
    private readonly options: FailedAttemptsOptions = DEFAULT_ATTEMPTS,
  ) {}

  /** Never throws and never waits. */
  note(given: FailedAttempt): void {
    const attempt = { ...given, resource: storable(given.resource) };
    this.add({ attempt, count: 1, at: this.clock.now() });
    this.timer ??= setTimeout(() => void this.flush(), this.options.flushSeconds * 1000).unref();
  }

  /** As `note`, of what must be looked up first. @param given  does not fail. */
  noteLater(given: Promise<FailedAttempt>): void {
    const noted = given.then((attempt) => {
      this.note(attempt);
      this.lookUps.delete(noted);
    });
    this.lookUps.add(noted);
  }

  /** Writes down what was noted until now. Never throws: what could not be written is tried again with the next. */
  flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const lookUps = Promise.allSettled(this.lookUps);
    this.writing = this.writing.then(() => lookUps).then(() => this.writeAll());
    return this.writing;
  }

  private add(noted: Noted): void {
    const key = JSON.stringify(Object.values(noted.attempt));
    const before = this.noted.get(key);
    if (before === undefined && this.noted.size >= this.options.maxRows) this.others = sumOf(this.others, noted);
    else this.noted.set(key, sumOf(before ?? null, noted));
  }

  private async writeAll(): Promise<void> {
    const { noted, others } = this;
    this.noted = new Map();
    this.others = null;
    const rows = [...noted.values()].map(entryOf);
    if (others !== null) rows.push(entryOfOthers(others));
    try {
      await this.unitOfWork.run((tx) => this.entries.insert(tx, rows));
    } catch {
      // The database is away, which its own health check tells. The next note sets the timer again.
      this.others = others === null ? this.others : sumOf(this.others, others);
      for (const each of noted.values()) this.add(each);
    }
  }
}

interface Noted {
  readonly attempt: FailedAttempt;
  readonly count: number;
  /** Of the latest. */
  readonly at: Date;
}

/** What clients name is as long as they like, and holds what no row can. */
function storable(resource: string): string {
  return resource
    .slice(0, MAX_RESOURCE_LENGTH)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '\ufffd');
}

const MAX_RESOURCE_LENGTH = 512;

function sumOf(before: Noted | null, noted: Noted): Noted {
  if (before === null) return noted;
  const { attempt, at } = before.at > noted.at ? before : noted;
  return { attempt, count: before.count + noted.count, at };
}

function entryOf(noted: Noted): AuditEntry {
  return rowOf(noted, noted.count === 1 ? '' : `, ${noted.count} times`);
}

/** Others than those that have their rows, of whichever user. */
function entryOfOthers(noted: Noted): AuditEntry {
  return rowOf(noted, noted.count === 1 ? '' : `, and ${noted.count - 1} other attempts of anybody`);
}

function rowOf({ attempt: { reason, ...attempt }, at }: Noted, more: string): AuditEntry {
  const description = `${attempt.type.replace('_', ' ')}: ${attempt.resource} failed: ${reason}${more}`;
  return { ...attempt, description, isSuccess: false, at: at.toISOString() };
}
