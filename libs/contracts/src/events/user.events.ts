import { IsIn, IsInt, IsOptional, IsString } from 'class-validator';
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

/** What of an account can change; of rights and state also how. */
export const USER_CHANGES = [
  'profile',
  'password',
  'made-administrator',
  'no-administrator',
  'disabled',
  'enabled',
] as const;
export type UserChange = (typeof USER_CHANGES)[number];

/** Profile, password, rights or state changed; to what, is for whoever may read the account. */
export class UserUpdatedV1 extends UserEvent {
  static readonly subject = 'events.accounts.user-updated.v1';

  /** Older senders leave it out. */
  @IsOptional()
  @IsIn(USER_CHANGES)
  change?: UserChange;
}

export class UserDeletedV1 extends UserEvent {
  static readonly subject = 'events.accounts.user-deleted.v1';
}
