import type { Member, NewMember } from '@breakwater/accounts';
import { PageQuery } from '@breakwater/http';
import { ROLE_NAME } from '@breakwater/rbac';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';
import { IntegerField, ObjectField, TextField } from '../../rest/fields.decorator.js';

export class MemberResponse {
  @IntegerField() id!: number;
  @IntegerField() project_id!: number;
  @TextField() entity_name!: string;
  @TextField() role_name!: string;
  @IntegerField({ description: '1 projectAdmin, 2 developer, 3 guest, 4 maintainer, 5 limitedGuest.' })
  role_id!: number;
  @IntegerField({ description: 'Of the user or of the group.' }) entity_id!: number;
  @TextField({ description: '`u` a user, `g` a group.' }) entity_type!: string;

  static of(member: Member): MemberResponse {
    return {
      id: member.id,
      project_id: member.projectId,
      entity_name: member.entityName,
      role_name: ROLE_NAME[member.roleId],
      role_id: member.roleId,
      entity_id: member.entityId,
      entity_type: member.entityType,
    };
  }
}

export class MemberListQuery extends PageQuery {
  @ApiPropertyOptional({ type: 'string', description: 'Only the member of exactly this name.' })
  @IsOptional()
  @IsString()
  entityname?: string;
}

export class MemberUserBody {
  @IntegerField() user_id?: number | null;
  @TextField({ description: 'Counts when there is no id.' }) username?: string | null;
}

export class MemberGroupBody {
  @IntegerField() id?: number | null;
  @TextField() group_name?: string | null;
  @IntegerField() group_type?: number | null;
  @TextField() ldap_group_dn?: string | null;
}

export class AddMemberBody {
  @IntegerField() role_id?: number | null;
  @ObjectField(() => MemberUserBody) member_user?: MemberUserBody | null;
  @ObjectField(() => MemberGroupBody, {
    description: 'There are no groups yet: a request that names only one is a 400.',
  })
  member_group?: MemberGroupBody | null;

  toNewMember(): NewMember {
    const { user_id: userId = null, username = null } = this.member_user ?? {};
    return { userId, username, roleId: this.role_id ?? 0 };
  }
}

export class MemberRoleBody {
  @IntegerField() role_id?: number | null;
}
