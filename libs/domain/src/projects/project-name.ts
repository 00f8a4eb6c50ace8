import { AppError } from '@breakwater/errors';

export const PROJECT_NAME_MAX_LENGTH = 255;

const NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** Lower-case letters and digits, in runs joined by one of `.`, `_`, `-`; 1 to 255 characters. */
export function isProjectName(text: string): boolean {
  return text.length <= PROJECT_NAME_MAX_LENGTH && NAME.test(text);
}

/** @throws InvalidProjectNameError  for anything that `isProjectName` denies. */
export function parseProjectName(text: string): string {
  if (!isProjectName(text)) throw new InvalidProjectNameError(text);
  return text;
}

export class InvalidProjectNameError extends AppError {
  readonly code = 'INVALID_PROJECT_NAME';
  readonly kind = 'invalid';

  constructor(name: string) {
    super(
      'the project name must be 1 to 255 characters: lower-case letters and digits, joined by single dots, underscores or hyphens',
      { name: name.slice(0, PROJECT_NAME_MAX_LENGTH) },
    );
  }
}
