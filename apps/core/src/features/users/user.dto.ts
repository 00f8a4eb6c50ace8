import type { Account, NewAccount, PasswordChange } from '@breakwater/accounts';
import { harborTime, omitEmpty, PageQuery } from '@breakwater/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { BooleanField, IntegerField, ObjectField, TextField, TimeField } from '../../rest/fields.decorator.js';

/** What an account signed in by OpenID Connect has besides. No account has it until that sign-in exists. */
export class OidcUserMeta {
  @IntegerField() id?: number;
  @IntegerField() user_id?: number;
  @TextField() subiss?: string;
  @TextField() secret?: string;
  @TimeField() creation_time?: string;
  @TimeField() update_time?: string;
}

export class UserResponse {
  @IntegerField() user_id?: number;
  @TextField() username?: string;
  @TextField() email?: string;
  @TextField() realname?: string;
  @TextField() comment?: string;
  @BooleanField() sysadmin_flag?: boolean;
  @BooleanField({ description: 'Administrator by the identity provider, for this sign-in.' })
  admin_role_in_auth?: boolean;
  @ObjectField(() => OidcUserMeta) oidc_user_meta?: OidcUserMeta;
  @TimeField() creation_time?: string;
  @TimeField() update_time?: string;

  static of(account: Account): UserResponse {
    return omitEmpty<UserResponse>(
      {
        user_id: account.id,
        username: account.username,
        email: account.email,
        realname: account.realname,
        comment: account.comment,
        sysadmin_flag: account.isSystemAdmin,
        admin_role_in_auth: false,
        creation_time: harborTime(account.createdAt),
        update_time: harborTime(account.updatedAt),
      },
      ['sysadmin_flag', 'admin_role_in_auth'],
    );
  }
}

export class UserSearchQuery extends PageQuery {
  @ApiProperty({ type: 'string', description: 'A part of the name, by case.' })
  @IsString()
  username!: string;
}

/** What any signed-in user may learn about another. */
export class FoundUserResponse {
  @IntegerField() user_id?: number;
  @TextField() username?: string;
}

export class CreateUserBody {
  @TextField({ maxLength: 255 }) username?: string | null;
  @TextField({ maxLength: 255 }) email?: string | null;
  @TextField() realname?: string | null;
  @TextField({ description: 'At most 30 characters.' }) comment?: string | null;
  @TextField({ description: '8 to 128 characters with an upper-case letter, a lower-case letter and a digit.' })
  password?: string | null;

  /** What is left out is empty, which the rules of the domain refuse where something is needed. */
  toNewAccount(): NewAccount {
    const { username, email, realname, comment, password } = this;
    return {
      username: username ?? '',
      email: email ?? '',
      realname: realname ?? '',
      comment: comment ?? '',
      password: password ?? '',
    };
  }
}

export class UserProfileBody {
  @TextField() email?: string | null;
  @TextField() realname?: string | null;
  @TextField() comment?: string | null;

  toProfile(): { email: string; realname: string; comment: string } {
    return { email: this.email ?? '', realname: this.realname ?? '', comment: this.comment ?? '' };
  }
}

export class SystemAdminBody {
  @BooleanField() sysadmin_flag?: boolean | null;
}

export class PasswordBody {
  @TextField({ description: "Needed for one's own." }) old_password?: string | null;
  @TextField() new_password?: string | null;

  toChange(): PasswordChange {
    return { oldPassword: this.old_password ?? null, newPassword: this.new_password ?? '' };
  }
}
