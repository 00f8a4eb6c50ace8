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
  private moments = 0;
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
    this.noteAs(this.nextMoment(), given);
  }

  /**
   * As `note`, of what must be looked up first. Its row has the time, and the place, of this call.
   *
   * @param given  does not fail.
   */
  noteLater(given: Promise<FailedAttempt>): void {
    const moment = this.nextMoment();
    const noted = given.then((attempt) => {
      this.noteAs(moment, attempt);
      this.lookUps.delete(noted);
    });
    this.lookUps.add(noted);
  }

  private nextMoment(): Moment {
    return { at: this.clock.now(), order: (this.moments += 1) };
  }

  private noteAs(moment: Moment, given: FailedAttempt): void {
    const attempt = { ...given, resource: storable(given.resource) };
    this.add({ ...moment, attempt, count: 1 });
    this.timer ??= setTimeout(() => void this.flush(), this.options.flushSeconds * 1000).unref();
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
    const rows = [...noted.values()].sort((one, other) => one.order - other.order).map(entryOf);
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

/** When it was tried. The clock alone cannot tell two of one millisecond apart. */
interface Moment {
  readonly at: Date;
  readonly order: number;
}

/** The moment is that of the latest. */
interface Noted extends Moment {
  readonly attempt: FailedAttempt;
  readonly count: number;
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
  const { count: _, ...latest } = before.order > noted.order ? before : noted;
  return { ...latest, count: before.count + noted.count };
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
