import type { DigestAlgorithm } from '@breakwater/oci';

/** To a hash thread. `update` moves the memory there; its reply moves it back. */
export type HashCommand =
  | {
      readonly do: 'open';
      readonly session: number;
      readonly algorithm: DigestAlgorithm;
      /** What was hashed before the thread came into it. */
      readonly prefix: Uint8Array;
    }
  | {
      readonly do: 'update';
      readonly session: number;
      readonly request: number;
      readonly memory: ArrayBuffer;
      /** Half-open range of `memory`, in bytes. */
      readonly start: number;
      readonly end: number;
    }
  | { readonly do: 'digest'; readonly session: number; readonly request: number }
  | { readonly do: 'drop'; readonly session: number };

/** From a hash thread, one per `update` and `digest`. */
export type HashReply =
  | { readonly request: number; readonly memory: ArrayBuffer }
  | { readonly request: number; readonly hex: string | null };
