import { ListField, TextField } from '../../rest/fields.decorator.js';

export class GrantablePermissionResponse {
  @TextField() resource!: string;
  @TextField() action!: string;
}

export class PermissionsResponse {
  @ListField(() => GrantablePermissionResponse) system?: GrantablePermissionResponse[];
  @ListField(() => GrantablePermissionResponse) project?: GrantablePermissionResponse[];
}
