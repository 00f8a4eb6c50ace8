import type { RepositoryName } from '@breakwater/oci';
import { IsInt } from 'class-validator';
import { IsRepositoryName } from '../validators.js';
import { Told } from './told.js';

abstract class RepositoryEvent extends Told {
  @IsInt()
  projectId!: number;

  @IsRepositoryName()
  repository!: RepositoryName;
}

/** The first manifest arrived in a repository. */
export class RepositoryCreatedV1 extends RepositoryEvent {
  static readonly subject = 'events.catalog.repository-created.v1';
}

/** Its description changed. */
export class RepositoryUpdatedV1 extends RepositoryEvent {
  static readonly subject = 'events.catalog.repository-updated.v1';
}

/** A repository was deleted; each of its artifacts is told as well. */
export class RepositoryDeletedV1 extends RepositoryEvent {
  static readonly subject = 'events.catalog.repository-deleted.v1';
}
