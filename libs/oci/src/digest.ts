import { AppError } from '@breakwater/errors';
import type { Branded } from './branded.js';
import { excerpt, quoted } from './excerpt.js';

/** Content address in canonical text form, e.g. `sha256:9f86…0a08`. Compare with `===`. */
export type Digest = Branded<string, 'Digest'>;

/** The registered algorithms we compute. The spec allows more names; we answer 400 to those. */
export type DigestAlgorithm = 'sha256' | 'sha512';

const CANONICAL = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
/** Both algorithm names have six letters. */
const SEPARATOR = 6;

export const Digest = {
  is: (text: string): text is Digest => CANONICAL.test(text),

  /** @throws InvalidDigestError for any other algorithm, length, or upper-case hex. */
  parse(text: string): Digest {
    if (!Digest.is(text)) throw new InvalidDigestError(text);
    return text;
  },

  find: (text: string): Digest | null => (Digest.is(text) ? text : null),

  /**
   * @param hex  lower case, 64 characters for sha256, 128 for sha512.
   * @throws InvalidDigestError  anything else.
   */
  of: (algorithm: DigestAlgorithm, hex: string): Digest => Digest.parse(`${algorithm}:${hex}`),

  algorithm: (digest: Digest): DigestAlgorithm => (digest.startsWith('sha256') ? 'sha256' : 'sha512'),

  /** The hex after the colon. */
  encoded: (digest: Digest): string => digest.slice(SEPARATOR + 1),
} as const;

export const DigestAlgorithm = {
  is: (text: string): text is DigestAlgorithm => text === 'sha256' || text === 'sha512',

  /**
   * Reads the `digest-algorithm` parameter of `POST …/blobs/uploads/`.
   *
   * @throws UnsupportedDigestAlgorithmError
   */
  parse(text: string): DigestAlgorithm {
    if (!DigestAlgorithm.is(text)) throw new UnsupportedDigestAlgorithmError(text);
    return text;
  },
} as const;

/** The text is no digest we know. Also what a reference with a `:` that is no digest ends as. */
export class InvalidDigestError extends AppError {
  readonly code = 'DIGEST_INVALID';
  readonly kind = 'invalid';
  constructor(text: string) {
    super(`${quoted(text)} is not a sha256 or sha512 digest in lower-case hex`, { digest: excerpt(text) });
  }
}

export class UnsupportedDigestAlgorithmError extends AppError {
  readonly code = 'UNSUPPORTED_DIGEST_ALGORITHM';
  readonly kind = 'invalid';
  constructor(text: string) {
    super(`digest algorithm ${quoted(text)} is not supported; sha256 and sha512 are`, { algorithm: excerpt(text) });
  }
}
