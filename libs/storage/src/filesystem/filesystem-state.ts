import type { WriteState } from '../blob-store.js';
import type { Revision } from '../hashing/running-digest.js';

/** How much of the file is durable. What lies beyond is from a crash. */
export interface FilesystemState extends Revision {
  readonly driver: 'filesystem';
}

/** @throws TypeError  the state is another driver's: the storage was exchanged under running uploads. */
export function findFilesystemState(state: WriteState | null): FilesystemState | null {
  if (state === null) return null;
  if (isFilesystemState(state)) return state;
  throw new TypeError('not a write state of the filesystem driver');
}

function isFilesystemState(state: object): state is FilesystemState {
  return 'driver' in state && state.driver === 'filesystem';
}
