import type { Credentials } from '../system/api.js';
import type { Outcome } from '../system/tools.js';
import type { ClientHome } from './client-home.js';

/** Something that a client has on its own disk. */
export interface LocalContent {
  /** How the client names it. */
  readonly source: string;
  /** Equal only for equal bytes: what a pull has to give back. */
  readonly identity: string;
}

export interface Pulled extends Outcome {
  /** Empty when the pull failed. */
  readonly identity: string;
}

/** A client that moves whole images, as the suite that all of them pass drives it. What it cannot do is left out. */
export interface ImageClient {
  readonly name: string;
  readonly programs: readonly string[];
  /** An engine that only root may start. */
  readonly needsRoot?: true;
  /** Before the first call, e.g. to start an engine. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
  login(home: ClientHome, who: Credentials): Promise<Outcome>;
  /** An image that no registry has seen. */
  build(): Promise<LocalContent>;
  push(home: ClientHome, content: LocalContent, reference: string): Promise<Outcome>;
  /** Into an empty place, so that nothing local can stand in for what the registry serves. */
  pull(home: ClientHome, reference: string): Promise<Pulled>;
  /** Two platforms under one name. */
  buildIndex?(): Promise<LocalContent>;
  /** The same as `push` when left out. */
  pushIndex?(home: ClientHome, content: LocalContent, reference: string): Promise<Outcome>;
  listTags?(home: ClientHome, repository: string): Promise<readonly string[]>;
  /** Removes what the tag points at, or the tag alone where the client can. */
  remove?(home: ClientHome, reference: string): Promise<Outcome>;
}
