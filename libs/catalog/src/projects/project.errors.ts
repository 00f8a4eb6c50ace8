import { AppError } from '@breakwater/errors';

/** The project went away between the caller's look-up and the write. */
export class ProjectGoneError extends AppError {
  readonly code = 'NAME_UNKNOWN';
  readonly kind = 'not-found';
  constructor(projectName: string) {
    super(`project ${projectName} does not exist`, { project: projectName });
  }
}

/** Told only to who could see it if it were there. */
export class ProjectNotFoundError extends AppError {
  readonly code = 'PROJECT_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(project: number | string) {
    super(`project ${project} is not found`);
  }
}
