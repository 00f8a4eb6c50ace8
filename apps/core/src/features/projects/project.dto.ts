import type { Project } from '@breakwater/catalog';
import { shownMetadata } from '@breakwater/domain';
import { harborTime, ListQuery, omitEmpty } from '@breakwater/http';
import { strongestRole, type RoleId } from '@breakwater/rbac';
import { ApiPropertyOptional, ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString } from 'class-validator';
import {
  BooleanField,
  IntegerField,
  IntegerListField,
  ObjectField,
  TextField,
  TimeField,
} from '../../rest/fields.decorator.js';
import { CveAllowlistBody } from '../cve-allowlists/cve-allowlist.dto.js';
import { ProjectMetadataBody } from './project-metadata.dto.js';

export class ProjectBody {
  @TextField({ maxLength: 255 }) project_name?: string | null;
  @BooleanField({ description: 'Of old clients; `metadata.public` wins.' }) public?: boolean | null;
  @ObjectField(() => ProjectMetadataBody) metadata?: ProjectMetadataBody | null;
  @ObjectField(() => CveAllowlistBody) cve_allowlist?: CveAllowlistBody | null;
  @IntegerField({ description: 'Bytes; -1 for no limit. Read of administrators only.' }) storage_limit?: number | null;
  @IntegerField({ description: 'Makes the project a cache of this registry.' }) registry_id?: number | null;
}

/** How a caller stands to a project that it is shown. */
export interface ProjectView {
  readonly ownerName: string | null;
  readonly roles: readonly RoleId[];
  /** Without it metadata, allowlist and the owner's name are left out. */
  readonly isDetailed: boolean;
}

export class ProjectResponse {
  @IntegerField() project_id?: number;
  @IntegerField() owner_id?: number;
  @TextField() name?: string;
  @IntegerField({ description: 'Of a cache: the registry behind it.' }) registry_id?: number;
  @TimeField() creation_time?: string;
  @TimeField() update_time?: string;
  @BooleanField({ description: 'Never: deleted projects are gone.' }) deleted?: boolean;
  @TextField() owner_name?: string;
  @BooleanField() togglable?: boolean;
  @IntegerField({ description: "The strongest of the caller's own roles; absent without one." })
  current_user_role_id?: number;
  @IntegerListField({ isNullable: true, description: 'Null without a role.' }) current_user_role_ids?: number[] | null;
  @IntegerField() repo_count?: number;
  @ObjectField(() => ProjectMetadataBody) metadata?: ProjectMetadataBody;
  @ObjectField(() => CveAllowlistBody) cve_allowlist?: CveAllowlistBody;

  static of(project: Project, { ownerName, roles, isDetailed }: ProjectView): ProjectResponse {
    return omitEmpty<ProjectResponse>(
      {
        project_id: project.id,
        owner_id: project.ownerId,
        name: project.name,
        creation_time: harborTime(project.createdAt),
        update_time: harborTime(project.updatedAt),
        current_user_role_id: strongestRole(roles) ?? 0,
        current_user_role_ids: roles.length === 0 ? null : [...roles],
        repo_count: project.repositoryCount,
        ...(isDetailed ? detailsOf(project, ownerName) : {}),
      },
      ['repo_count', 'current_user_role_ids'],
    );
  }
}

function detailsOf({ id, metadata, allowlist }: Project, ownerName: string | null): ProjectResponse {
  return {
    ...(ownerName === null ? {} : { owner_name: ownerName }),
    metadata: shownMetadata(metadata),
    cve_allowlist: CveAllowlistBody.of(allowlist, { id, projectId: id }),
  };
}

export class ProjectListQuery extends ListQuery {
  @ApiPropertyOptional({ type: 'string', description: 'A part of the name, by any case.' })
  @IsOptional()
  @IsString()
  name?: string;

  @ApiPropertyOptional({ type: 'boolean', description: 'Only public ones, or only private ones.' })
  @IsOptional()
  @IsBoolean()
  public?: boolean;

  @ApiPropertyOptional({ type: 'string', description: 'The user name of the owner.' })
  @IsOptional()
  @IsString()
  owner?: string;

  @ApiPropertyOptional({ type: 'boolean', default: true, description: 'With metadata, allowlist and owner name.' })
  @IsOptional()
  @IsBoolean()
  with_detail: boolean = true;
}

export class ProjectNameQuery {
  @ApiProperty({ type: 'string' })
  @IsString()
  project_name!: string;
}

export class ProjectDeletableResponse {
  @BooleanField() deletable?: boolean;
  @TextField({ description: 'Why not.' }) message?: string;
}
