import type { WriteState } from '../blob-store.js';
import { newRevision, type Revision } from '../hashing/running-digest.js';

const MIB = 2 ** 20;
const DEFAULT_PART_BYTES = 8 * MIB;
/** The most that S3 takes in one upload. */
export const MOST_PARTS = 10_000;

/**
 * An unfinished upload: complete parts of equal size (R2 refuses others), then a tail that does not fill a part and
 * lies under a key of its own until there is more.
 */
export interface S3State extends Revision {
  readonly driver: 's3';
  readonly partSizeBytes: number;
  /** Of the multipart upload; null while everything fits one part. */
  readonly uploadId: string | null;
  /** Their ETags, in order. With these a completion fails should anybody else have overwritten a part. */
  readonly parts: readonly string[];
  readonly tail: S3Tail | null;
  /** Tails that this state no longer needs: deleted once it is recorded, which is when it is resumed from. */
  readonly superseded: readonly string[];
  /** The object is readable under its key, and there is nothing else. */
  readonly isComplete: boolean;
}

export interface S3Tail {
  readonly key: string;
  readonly sizeBytes: number;
}

export function newS3State(partSizeBytes: number): S3State {
  return {
    driver: 's3',
    revision: newRevision(),
    sizeBytes: 0,
    partSizeBytes,
    uploadId: null,
    parts: [],
    tail: null,
    superseded: [],
    isComplete: false,
  };
}

/** @param content  what is complete now: it may say more than the state before. */
export function completeS3State(content: Revision, partSizeBytes: number): S3State {
  return { ...newS3State(partSizeBytes), ...content, isComplete: true };
}

/** More parts, which have swallowed the tail. */
export function withParts(state: S3State, uploadId: string | null, etags: readonly string[]): S3State {
  if (etags.length === 0) return { ...state, uploadId };
  const parts = [...state.parts, ...etags];
  const sizeBytes = parts.length * state.partSizeBytes;
  return { ...withoutTail(state), revision: newRevision(), uploadId, parts, sizeBytes };
}

/** Another tail, which begins with the bytes of the one before. */
export function withTail(state: S3State, tail: S3Tail): S3State {
  const sizeBytes = partsBytesOf(state) + tail.sizeBytes;
  return { ...withoutTail(state), revision: newRevision(), tail, sizeBytes };
}

export function partsBytesOf(state: S3State): number {
  return state.parts.length * state.partSizeBytes;
}

/** @throws TypeError  the state is another driver's: the storage was exchanged under running uploads. */
export function findS3State(state: WriteState | null): S3State | null {
  if (state === null) return null;
  if ('driver' in state && state.driver === 's3') return state as S3State;
  throw new TypeError('not a write state of the S3 driver');
}

/** @returns the usual size, or in whole MiB whatever keeps `expectedSizeBytes` within the number of parts. */
export function partSizeFor(expectedSizeBytes: number | undefined, usual: number = DEFAULT_PART_BYTES): number {
  const needed = Math.ceil((expectedSizeBytes ?? 0) / MOST_PARTS / MIB) * MIB;
  return Math.max(usual, needed);
}

function withoutTail(state: S3State): S3State {
  if (!state.tail) return state;
  return { ...state, tail: null, superseded: [...state.superseded, state.tail.key] };
}
