import { AppError } from '@breakwater/errors';

/** The registry keeps manifests up to this size, as the spec asks ("at least 4 megabytes"). */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** The document is no manifest we can store. The message says what is wrong and where, e.g. `layers[2].digest: …`. */
export class InvalidManifestError extends AppError {
  readonly code = 'MANIFEST_INVALID';
  readonly kind = 'invalid';
  /** @param at  where in the document, e.g. `layers[2].digest`; empty for the document itself. */
  constructor(
    readonly at: string,
    readonly problem: string,
    options?: { cause?: unknown },
  ) {
    super(at === '' ? problem : `${at}: ${problem}`, at === '' ? { problem } : { at, problem }, options);
  }
}

/** Thrown by the parser, and by whoever reads the request body as soon as it is known to be too long. */
export class ManifestTooLargeError extends AppError {
  readonly code = 'SIZE_INVALID';
  readonly kind = 'too-large';
  /** @param sizeBytes  what arrived or was announced; at least, when reading stopped early. */
  constructor(readonly sizeBytes: number) {
    super(`a manifest may have ${MAX_MANIFEST_BYTES} bytes, this one has ${sizeBytes} or more`, {
      sizeBytes,
      maxSizeBytes: MAX_MANIFEST_BYTES,
    });
  }
}
