import { AppError } from '@breakwater/errors';

/** Half-open, in bytes: `end - start` is the length. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the `Range` of a blob download.
 *
 * @param header  `bytes=<first>-<last>`, `bytes=<first>-` or `bytes=-<length of the tail>`; the last byte is clamped.
 * @param sizeBytes  of the whole blob.
 * @returns the one range to send with 206; null to send the whole blob with 200, as RFC 9110 allows for several ranges,
 *   other units and what is no range at all; `unsatisfiable` for 416. `bytes=500-0` could be ignored as well, but the
 *   conformance suite wants 416. An empty blob has no range to send: it is always sent whole.
 * @see RFC 9110, sections 14.1.2 and 14.2.
 */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange | null | 'unsatisfiable' {
  const match = header === undefined ? null : SINGLE_RANGE.exec(header);
  const [, first = '', last = ''] = match ?? [];
  if (sizeBytes === 0 || (first === '' && last === '')) return null;
  if (first === '') return tailOf(sizeBytes, Number(last));
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  return start < end ? { start, end } : 'unsatisfiable';
}

/** The `Content-Range` of a 206. */
export function contentRange(range: ByteRange, sizeBytes: number): string {
  return `bytes ${range.start}-${range.end - 1}/${sizeBytes}`;
}

/** The `Content-Range` of a 416, which tells the client what it could have asked for. */
export function unsatisfiedContentRange(sizeBytes: number): string {
  return `bytes */${sizeBytes}`;
}

/** What a download with an unsatisfiable range is answered with. */
export class UnsatisfiableRangeError extends AppError {
  readonly code = 'RANGE_NOT_SATISFIABLE';
  readonly kind = 'invalid';
  constructor(readonly sizeBytes: number) {
    super(`the range asked for is not within the ${sizeBytes} bytes of the blob`, { sizeBytes });
  }
}

const SINGLE_RANGE = /^bytes=(\d*)-(\d*)$/i;

function tailOf(sizeBytes: number, length: number): ByteRange | 'unsatisfiable' {
  return length === 0 ? 'unsatisfiable' : { start: Math.max(0, sizeBytes - length), end: sizeBytes };
}
