import {
  BooleanField,
  IntegerField,
  ListField,
  ObjectField,
  TextField,
  TimeField,
} from '../../rest/fields.decorator.js';

/** Of a sign-in through an authentication proxy, which this installation does not have. */
export class AuthProxySettingResponse {
  @TextField() endpoint?: string;
  @TextField() tokenreivew_endpoint?: string;
  @BooleanField() skip_search?: boolean;
  @BooleanField() verify_cert?: boolean;
  @TextField() server_certificate?: string;
}

/** The upper part for everybody, the lower one for those who are signed in. */
export class GeneralInfoResponse {
  @TextField({ description: 'How people sign in: `db_auth`.' }) auth_mode?: string;
  @BooleanField() primary_auth_mode?: boolean;
  @BooleanField() self_registration?: boolean;
  @TextField({ description: 'A JSON text, or empty.' }) banner_message?: string;
  @TextField() oidc_provider_name?: string;
  @ObjectField(() => AuthProxySettingResponse) authproxy_settings?: AuthProxySettingResponse;

  @TimeField() current_time?: string;
  @TextField({ description: 'Host and port, as in `docker login`.' }) registry_url?: string;
  @TextField() external_url?: string;
  @TextField({ description: "Harbor's version whose API this is, and our own." }) harbor_version?: string;
  @TextField({ description: '`everyone` or `adminonly`.' }) project_creation_restriction?: string;
  @BooleanField() read_only?: boolean;
  @BooleanField({ description: '`systeminfo/getcert` has a certificate.' }) has_ca_root?: boolean;
  @TextField() registry_storage_provider_name?: string;
  @BooleanField({ description: 'Webhooks are delivered.' }) notification_enable?: boolean;
}

export class StorageResponse {
  @IntegerField({ description: 'In bytes.' }) total?: number;
  @IntegerField({ description: 'In bytes.' }) free?: number;
}

export class SystemInfoResponse {
  @ListField(() => StorageResponse) storage!: StorageResponse[];
}
