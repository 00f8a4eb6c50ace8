import { AppError } from '@breakwater/errors';

/** A key that cannot be set, or a value that its key cannot have. */
export class InvalidProjectMetadataError extends AppError {
  readonly code = 'INVALID_PROJECT_METADATA';
  readonly kind = 'invalid';

  /** @param key  as it was given; empty when the number of keys is what is wrong. */
  constructor(key: string, reason: string) {
    super(key === '' ? `invalid project metadata: ${reason}` : `invalid project metadata ${shown(key)}: ${reason}`, {
      key: shown(key),
    });
  }
}

/** Keys come from the caller: as long as they need to be, and without control characters. */
function shown(key: string): string {
  return key.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);
}
