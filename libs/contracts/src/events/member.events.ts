import { IsIn, IsInt, IsString } from 'class-validator';
import { Told } from './told.js';

abstract class MemberEvent extends Told {
  @IsInt()
  memberId!: number;

  @IsInt()
  projectId!: number;

  @IsIn(['user', 'group'])
  entityType!: 'user' | 'group';

  /** Id of the user or group. */
  @IsInt()
  entityId!: number;

  @IsString()
  entityName!: string;

  /** As Harbor numbers them: 1 project admin, 2 developer, 3 guest, 4 maintainer, 5 limited guest. */
  @IsInt()
  roleId!: number;
}

export class MemberAddedV1 extends MemberEvent {
  static readonly subject = 'events.accounts.member-added.v1';
}

/** Has another role than before. */
export class MemberChangedV1 extends MemberEvent {
  static readonly subject = 'events.accounts.member-changed.v1';
}

/** `roleId` is the role that was held. */
export class MemberRemovedV1 extends MemberEvent {
  static readonly subject = 'events.accounts.member-removed.v1';
}
