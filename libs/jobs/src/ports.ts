/** Tells the processes that run tasks what cannot wait. Losing a call costs at most their poll interval. */
export interface JobNotifier {
  /** Somebody asked for these to be stopped while they run. */
  stopRequested(taskIds: readonly number[]): void;
  /** Tasks may run that could not a moment ago: a queue goes on, a schedule is due earlier. */
  workWaiting(): void;
}

/** Tells nobody: workers find out by looking. */
export const NOBODY: JobNotifier = { stopRequested: () => undefined, workWaiting: () => undefined };
