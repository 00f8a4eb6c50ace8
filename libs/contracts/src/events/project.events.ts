import { IsInt, IsString } from 'class-validator';
import { Told } from './told.js';

abstract class ProjectEvent extends Told {
  @IsInt()
  projectId!: number;

  @IsString()
  name!: string;
}

export class ProjectCreatedV1 extends ProjectEvent {
  static readonly subject = 'events.catalog.project-created.v1';
}

/** Its settings changed: whoever needs them reads them, since a later change may have come already. */
export class ProjectUpdatedV1 extends ProjectEvent {
  static readonly subject = 'events.catalog.project-updated.v1';
}

/** What belongs to it elsewhere (robots, policies, schedules) goes when its owner reads this. */
export class ProjectDeletedV1 extends ProjectEvent {
  static readonly subject = 'events.catalog.project-deleted.v1';
}
