import { IsInt, IsString } from 'class-validator';
import { Told } from './told.js';

abstract class UserEvent extends Told {
  @IsInt()
  userId!: number;

  @IsString()
  username!: string;
}

export class UserCreatedV1 extends UserEvent {
  static readonly subject = 'events.accounts.user-created.v1';
}

/** Profile, password, rights or state changed: which, is for whoever may read the account. */
export class UserUpdatedV1 extends UserEvent {
  static readonly subject = 'events.accounts.user-updated.v1';
}

export class UserDeletedV1 extends UserEvent {
  static readonly subject = 'events.accounts.user-deleted.v1';
}
