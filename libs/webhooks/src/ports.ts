/** Secrets at rest: `SecretBox` of libs/config. */
export interface SecretSealer {
  /** @param purpose  bound to the text, so that one row's secret cannot be passed off as another's. */
  seal(plain: string, purpose: string): string;
  /** @throws when the key that sealed it is no longer in the ring, or the text was changed. */
  open(sealed: string, purpose: string): string;
}

/** What a message tells of the project: `ProjectReader` of libs/catalog. */
export interface Projects {
  find(key: { readonly by: 'id'; readonly id: number }): Promise<ProjectOfEvent | null>;
}

export interface ProjectOfEvent {
  readonly name: string;
  readonly isPublic: boolean;
}

/** When repositories were made: `RepositoryDates` of libs/catalog. One that is gone is not in the answer. */
export interface RepositoryDates {
  findCreatedAt(names: readonly string[]): Promise<ReadonlyMap<string, Date>>;
}

/**
 * The door to addresses that users configure. It refuses what no user may reach from here, follows no redirect, and
 * ends by itself in every case.
 */
export interface WebhookCaller {
  /**
   * @throws an AppError: of kind `invalid` where trying again will not help, any other where the target was not reached,
   *   broke off, or did not answer in time.
   */
  post(request: OutgoingMessage): Promise<TargetAnswer>;
}

export interface OutgoingMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** False: any certificate will do. */
  readonly isCertVerified: boolean;
  /** For all of it, from the name's resolution to the end of the answer. */
  readonly timeoutMs: number;
  /** More of the answer is not read. */
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
}

export interface TargetAnswer {
  readonly status: number;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of it, up to `maxAnswerBytes`; empty where it broke off. */
  readonly body: string;
}

/** The time, for what lives in memory. Rows are stamped by the database. */
export interface Clock {
  now(): Date;
  /** Milliseconds since any fixed moment; never goes back. */
  monotonicMs(): number;
}

export const systemClock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() };
