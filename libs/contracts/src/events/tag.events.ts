import type { Digest, RepositoryName, Tag } from '@breakwater/oci';
import { IsInt } from 'class-validator';
import { IsDigest, IsRepositoryName, IsTag } from '../validators.js';
import { Told } from './told.js';

abstract class TagEvent extends Told {
  @IsInt()
  projectId!: number;

  @IsRepositoryName()
  repository!: RepositoryName;

  @IsTag()
  tag!: Tag;
}

/** A tag that did not exist points at an artifact. */
export class TagCreatedV1 extends TagEvent {
  static readonly subject = 'events.catalog.tag-created.v1';

  @IsDigest()
  digest!: Digest;
}

/** A tag points at another artifact than before. */
export class TagMovedV1 extends TagEvent {
  static readonly subject = 'events.catalog.tag-moved.v1';

  @IsDigest()
  from!: Digest;

  @IsDigest()
  to!: Digest;
}

/** A tag is gone; its artifact may be gone with it (see ArtifactDeletedV1). */
export class TagDeletedV1 extends TagEvent {
  static readonly subject = 'events.catalog.tag-deleted.v1';

  /** What it pointed at. */
  @IsDigest()
  digest!: Digest;
}
