import type { ScannerOperation } from './scanner.errors.js';

/** What happens between the question and the report, for whoever keeps a log of it. Nothing in it is secret. */
export type ScanHappening =
  | {
      /** A call went wrong, and is made again. */
      readonly kind: 'retry';
      readonly operation: ScannerOperation;
      /** Calls that went wrong so, one after the other, this one included; and how many may. */
      readonly failures: number;
      readonly mostFailures: number;
      readonly error: unknown;
      readonly pauseMs: number;
    }
  | {
      /** The scan goes on. */
      readonly kind: 'not-ready';
      readonly status: number;
      /** How often it was asked for, this time included. */
      readonly asked: number;
      readonly waitedMs: number;
      /** Until it is asked again. */
      readonly pauseMs: number;
      /** What the adapter asked for; null: nothing. */
      readonly hintSeconds: number | null;
      /** The other host that it names in `Location`, which is not followed; null: none. */
      readonly otherHost: string | null;
    }
  | {
      /** The report is on disk. */
      readonly kind: 'received';
      readonly asked: number;
      readonly waitedMs: number;
      readonly sizeBytes: number;
    };

export type ScanListener = (happening: ScanHappening) => void;
