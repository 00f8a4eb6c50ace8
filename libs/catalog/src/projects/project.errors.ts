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

export class ProjectExistsError extends AppError {
  readonly code = 'PROJECT_EXISTS';
  readonly kind = 'conflict';
  constructor(name: string) {
    super(`the project named ${name} already exists`, { project: name });
  }
}

/** Deleting a project deletes no content: that is done before, repository by repository. */
export class ProjectNotEmptyError extends AppError {
  readonly code = 'PROJECT_NOT_EMPTY';
  readonly kind = 'precondition';
  constructor() {
    super('the project contains repositories, can not be deleted');
  }
}

export class ProjectMetadataExistsError extends AppError {
  readonly code = 'PROJECT_METADATA_EXISTS';
  readonly kind = 'conflict';
  constructor(key: string) {
    super(`the project has the metadata ${key} already`, { key });
  }
}
