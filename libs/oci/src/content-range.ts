import { AppError } from '@breakwater/errors';
import type { ByteRange } from './byte-range.js';
import { excerpt, quoted } from './excerpt.js';

/**
 * Reads the `Content-Range` of a chunk upload and checks that it continues the session.
 *
 * @param header  `<first>-<last>`, both inclusive, in bytes, no unit prefix (unlike RFC 9110). What old clients send,
 *   `bytes <first>-<last>/*`, is read as well; the total is not looked at.
 * @param received  bytes already stored for this upload.
 * @returns the same range, half-open: `end - start` is the chunk's length.
 * @throws InvalidRangeError  not two decimal numbers, or last < first, or beyond 2^53.
 * @throws RangeOutOfOrderError  well formed, but does not start at `received` (HTTP 416). The session lives on.
 * @see OCI distribution-spec, "Pushing a blob in chunks".
 */
export function parseContentRange(header: string, received: number): ByteRange {
  const range = readContentRange(header);
  if (range.start !== received) throw new RangeOutOfOrderError(received, range.start);
  return range;
}

/**
 * The same without the check, for who does not know yet how much was received.
 *
 * @throws InvalidRangeError
 */
export function readContentRange(header: string): ByteRange {
  const match = FORM.exec(header);
  const start = Number(match?.[1]);
  const end = Number(match?.[2]) + 1;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || end <= start) throw new InvalidRangeError(header);
  return { start, end };
}

/**
 * The `Range` of the answers about an upload: `0-<last byte>`, no unit.
 *
 * An empty upload is `0-0`, as if it had one byte: docker fails on `0--1`.
 */
export function uploadRange(receivedBytes: number): string {
  return `0-${Math.max(0, receivedBytes - 1)}`;
}

export class InvalidRangeError extends AppError {
  readonly code = 'RANGE_INVALID';
  readonly kind = 'invalid';
  constructor(header: string) {
    super(`Content-Range ${quoted(header)} is not <first>-<last>`, { contentRange: excerpt(header) });
  }
}

/** The chunk does not begin where the upload ends. The client asks for the status and goes on from there. */
export class RangeOutOfOrderError extends AppError {
  readonly code = 'RANGE_OUT_OF_ORDER';
  readonly kind = 'invalid';
  constructor(
    readonly received: number,
    readonly start: number,
  ) {
    super(`the chunk begins at byte ${start}, the upload goes on at byte ${received}`, { received, start });
  }
}

const FORM = /^(?:bytes +)?(\d+)-(\d+)(?:\/(?:\*|\d+))?$/i;
