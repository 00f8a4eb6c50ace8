import { createHash } from 'node:crypto';
import { Digest } from '@breakwater/oci';
import {
  type BlobStore,
  type ListedObject,
  ObjectMissingError,
  ObjectTruncatedError,
  owningObjectKey,
} from '@breakwater/storage';
import type { LostBlobs } from '../blobs/lost-blobs.js';
import type { AuditedBlob, AuditedBookkeeping, AuditedTotals, AuditRepository } from './audit.repository.js';

/** Where all objects live; see `newObjectKey`. */
const OBJECTS = 'blobs/';
/** Rows of one look at the database. */
const PAGE = 1000;
/** Findings named in the report; the rest is counted. */
const NAMED = 20;

export interface AuditOptions {
  /** Reads every byte and compares its digest. */
  readonly isRehashing: boolean;
  /** Marks what is missing or corrupt, so that clients are told to upload it and the next push heals it. */
  readonly isMarking?: boolean;
  /** Told after each page, for people who watch. */
  readonly onProgress?: (progress: { readonly objects: number; readonly bytes: number }) => void;
}

/** Some named examples and how many there are. */
export interface Finding {
  readonly count: number;
  readonly examples: readonly string[];
}

export interface AuditReport {
  readonly totals: AuditedTotals;
  /** Blobs whose object is not there, or not in its length. Digests. */
  readonly missing: Finding;
  /** Blobs whose bytes have another digest; only looked for when rehashing. Digests. */
  readonly corrupt: Finding;
  /** Objects without a row. Object keys. */
  readonly unowned: Finding;
  readonly bookkeeping: AuditedBookkeeping;
  /** Whether `corrupt` was looked for. */
  readonly isRehashed: boolean;
  readonly rehashedBytes: number;
  readonly isWell: boolean;
}

/**
 * Proves, on a live system, that every blob is there and every object has an owner.
 *
 * Storage and database are walked side by side in the order of the object keys, in constant memory. Pushes and
 * the collector go on meanwhile, so whatever looks wrong is looked at a second time before it is reported: rows
 * come before their objects and go after them. An object that is missing between two looks at its row is missing; an
 * object that is there before and after a look that found no row is unowned.
 */
export class Audit {
  constructor(
    private readonly questions: AuditRepository,
    private readonly store: BlobStore,
    private readonly lost: LostBlobs,
  ) {}

  async run(options: AuditOptions, signal: AbortSignal): Promise<AuditReport> {
    const walk = new Walk(this.questions, this.store, this.lost, options, signal);
    let after = '';
    for await (const page of this.store.list(OBJECTS)) {
      signal.throwIfAborted();
      const last = page.at(-1);
      if (last === undefined) continue;
      await walk.compare(page, after, last.key);
      after = last.key;
    }
    await walk.compare([], after, null);
    const [totals, bookkeeping] = await Promise.all([this.questions.totals(), this.questions.bookkeeping()]);
    const faults = walk.missing.count + walk.corrupt.count + walk.unowned.count;
    const contradictions = Object.values<number>({ ...bookkeeping }).reduce((sum, count) => sum + count, 0);
    return {
      totals,
      bookkeeping,
      missing: walk.missing,
      corrupt: walk.corrupt,
      unowned: walk.unowned,
      isRehashed: options.isRehashing,
      rehashedBytes: walk.rehashedBytes,
      isWell: faults + contradictions === 0,
    };
  }
}

class Walk {
  readonly missing = new Findings();
  readonly corrupt = new Findings();
  readonly unowned = new Findings();
  rehashedBytes = 0;
  private objects = 0;

  constructor(
    private readonly questions: AuditRepository,
    private readonly store: BlobStore,
    private readonly lost: LostBlobs,
    private readonly options: AuditOptions,
    private readonly signal: AbortSignal,
  ) {}

  /** Compares the objects of one page with the rows of the same stretch of keys, `(after, upTo]`. */
  async compare(page: readonly ListedObject[], after: string, upTo: string | null): Promise<void> {
    const sizes = new Map(page.map((object) => [object.key, object.sizeBytes]));
    const known = new Set<string>();
    for (let from = after; ;) {
      const blobs = await this.questions.blobsBetween(from, upTo, PAGE);
      for (const blob of blobs) {
        this.signal.throwIfAborted();
        known.add(blob.objectKey);
        if (sizes.get(blob.objectKey) !== blob.sizeBytes) await this.checkMissing(blob);
        else if (this.options.isRehashing) await this.rehash(blob);
      }
      const last = blobs.at(-1);
      if (last === undefined || blobs.length < PAGE) break;
      from = last.objectKey;
    }
    await this.checkUnowned(page.map((object) => object.key).filter((key) => !known.has(key)));
    this.objects += page.length;
    this.options.onProgress?.({ objects: this.objects, bytes: this.rehashedBytes });
  }

  /** It may have been stored after its page was listed, or collected since its row was read. */
  private async checkMissing(blob: AuditedBlob): Promise<void> {
    const stored = await this.store.stat(blob.objectKey);
    if (stored?.sizeBytes === blob.sizeBytes) {
      if (this.options.isRehashing) await this.rehash(blob);
    } else await this.report(this.missing, blob);
  }

  /** Without a row it may have been deleted since it was listed. What is there before and after the look has none. */
  private async checkUnowned(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const suspects = new Set(await this.questions.unowned(keys.filter((key) => !isTail(key))));
    const owners = new Set(keys.filter((key) => isTail(key)).map((key) => owningObjectKey(key)));
    const ended = new Set(await this.questions.notUnfinished([...owners]));
    for (const key of keys) {
      const isSuspect = isTail(key) ? ended.has(owningObjectKey(key)) : suspects.has(key);
      if (isSuspect && (await this.store.stat(key)) !== null) this.unowned.add(key);
    }
  }

  private async rehash(blob: AuditedBlob): Promise<void> {
    const digest = Digest.parse(blob.digest);
    const hash = createHash(Digest.algorithm(digest));
    try {
      const reader = await this.store.read(blob.objectKey, { start: 0, end: blob.sizeBytes });
      for await (const chunk of reader.stream()) hash.update(chunk as Buffer);
    } catch (error) {
      if (!(error instanceof ObjectMissingError || error instanceof ObjectTruncatedError)) throw error;
      await this.report(this.missing, blob);
      return;
    }
    this.rehashedBytes += blob.sizeBytes;
    if (hash.digest('hex') !== Digest.encoded(digest)) await this.report(this.corrupt, blob);
  }

  private async report(findings: Findings, blob: AuditedBlob): Promise<void> {
    if ((await this.questions.findAgain(blob)) === null) return;
    findings.add(blob.digest);
    if (this.options.isMarking === true)
      await this.lost.mark({ digest: Digest.parse(blob.digest), objectKey: blob.objectKey });
  }
}

/** What only an unfinished upload has: its end removes it. */
function isTail(key: string): boolean {
  return owningObjectKey(key) !== key;
}

class Findings implements Finding {
  count = 0;
  readonly examples: string[] = [];

  add(name: string): void {
    this.count++;
    if (this.examples.length < NAMED) this.examples.push(name);
  }
}
