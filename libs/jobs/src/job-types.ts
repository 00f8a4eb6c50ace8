/** What the engine must know of each kind of job. Times in seconds. */
export interface JobTypeSettings {
  /** Tasks that run at the same time, over all replicas; null: as many as there are workers. */
  readonly maxRunning: number | null;
  /** Runs that may fail before the task is given up; 1: no retry. Lost workers are not counted here. */
  readonly attempts: number;
  /** Before the second run; doubled before each later one, up to `longestPauseSeconds`, give or take a quarter. */
  readonly firstPauseSeconds: number;
  readonly longestPauseSeconds: number;
  /** How long after it was submitted a task may still be put off (`TaskPostponedError`) before that is a failure. */
  readonly patienceSeconds: number;
  /** A run that takes longer is aborted and has failed; null: it may take for ever. */
  readonly timeoutSeconds: number | null;
  /** Ended executions that are kept per vendor object. */
  readonly retainedExecutions: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const USUAL: JobTypeSettings = {
  maxRunning: null,
  attempts: 1,
  firstPauseSeconds: 10,
  longestPauseSeconds: 5 * MINUTE,
  patienceSeconds: 0,
  timeoutSeconds: null,
  retainedExecutions: 50,
};
const ALONE: JobTypeSettings = { ...USUAL, maxRunning: 1 };
/** A scanner may be away over night: what was pushed meanwhile is scanned in the morning. */
const SCAN: JobTypeSettings = {
  ...USUAL,
  attempts: 3,
  patienceSeconds: DAY,
  timeoutSeconds: 2 * HOUR,
  retainedExecutions: 1,
};

/**
 * Every type of job, under Harbor's names. What Harbor tries once and gives up (scans) is tried again here; how many
 * executions are kept is Harbor's.
 */
export const JOB_TYPES = {
  IMAGE_SCAN: SCAN,
  SBOM: SCAN,
  SCAN_ALL: { ...ALONE, attempts: 3, retainedExecutions: 1 },
  SCAN_DATA_EXPORT: { ...ALONE, attempts: 2 },
  GARBAGE_COLLECTION: ALONE,
  REPLICATION: { ...USUAL, attempts: 3 },
  RETENTION: USUAL,
  P2P_PREHEAT: { ...USUAL, attempts: 3 },
  PURGE_AUDIT_LOG: { ...ALONE, retainedExecutions: 10 },
  SYSTEM_ARTIFACT_CLEANUP: ALONE,
  EXECUTION_SWEEP: { ...ALONE, attempts: 3, retainedExecutions: 10 },
  AUDIT_LOGS_GDPR_COMPLIANT: { ...ALONE, attempts: 3 },
} as const satisfies Record<string, JobTypeSettings>;

/** The kind of work, and of what set it going: Harbor's "vendor type". */
export type VendorType = keyof typeof JOB_TYPES;

export const VENDOR_TYPES = Object.keys(JOB_TYPES) as VendorType[];

export function isVendorType(text: string): text is VendorType {
  return Object.hasOwn(JOB_TYPES, text);
}

/** The queue whose pause holds up every schedule. It has no tasks of its own. */
export const SCHEDULER_QUEUE = 'SCHEDULER';
/** Anything that can be paused. */
export type QueueType = VendorType | typeof SCHEDULER_QUEUE;
