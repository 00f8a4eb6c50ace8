import { ValidationFailedError } from '@breakwater/http';

/** The names that Harbor knows. Which of them an artifact has is another question. */
export const HARBOR_ADDITIONS = [
  'build_history',
  'values.yaml',
  'readme.md',
  'dependencies',
  'sbom',
  'license',
  'files',
] as const;

/** @throws ValidationFailedError  for any other name. */
export function parseAdditionParameter(name: string): string {
  if ((HARBOR_ADDITIONS as readonly string[]).includes(name)) return name;
  throw new ValidationFailedError([`addition in path should be one of ${HARBOR_ADDITIONS.join(', ')}`]);
}
