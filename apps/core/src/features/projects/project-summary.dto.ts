import { omitEmpty } from '@breakwater/http';
import { Role, type RoleId } from '@breakwater/rbac';
import {
  BooleanField,
  IntegerField,
  MapField,
  ObjectField,
  TextField,
  TimeField,
} from '../../rest/fields.decorator.js';

export class ProjectSummaryQuota {
  @MapField({ type: 'integer' })
  hard?: Record<string, number>;
  @MapField({ type: 'integer' })
  used?: Record<string, number>;
}

export class SummaryRegistryCredential {
  @TextField() type?: string;
  @TextField() access_key?: string;
  @TextField() access_secret?: string;
}

export class SummaryRegistry {
  @IntegerField() id?: number;
  @TextField() url?: string;
  @TextField() name?: string;
  @ObjectField(() => SummaryRegistryCredential, { description: 'Never told here.' })
  credential?: SummaryRegistryCredential;
  @TextField() type?: string;
  @BooleanField() insecure?: boolean;
  @TextField() ca_certificate?: string;
  @TextField() description?: string;
  @TextField() status?: string;
  @TimeField() creation_time?: string;
  @TimeField() update_time?: string;
}

export class ProjectSummaryResponse {
  @IntegerField() repo_count?: number;
  @IntegerField({ description: 'Members, for those who may list them.' }) project_admin_count?: number;
  @IntegerField() maintainer_count?: number;
  @IntegerField() developer_count?: number;
  @IntegerField() guest_count?: number;
  @IntegerField() limited_guest_count?: number;
  @ObjectField(() => ProjectSummaryQuota, { description: 'Where storage is limited.' }) quota?: ProjectSummaryQuota;
  @ObjectField(() => SummaryRegistry, { description: 'Of a proxy cache.' }) registry?: SummaryRegistry;

  /** @param members  by role; null for a caller who may not know. */
  static of(repositoryCount: number, members: ReadonlyMap<RoleId, number> | null): ProjectSummaryResponse {
    return omitEmpty<ProjectSummaryResponse>(
      {
        repo_count: repositoryCount,
        project_admin_count: members?.get(Role.projectAdmin) ?? 0,
        maintainer_count: members?.get(Role.maintainer) ?? 0,
        developer_count: members?.get(Role.developer) ?? 0,
        guest_count: members?.get(Role.guest) ?? 0,
        limited_guest_count: members?.get(Role.limitedGuest) ?? 0,
      },
      ['repo_count'],
    );
  }
}
