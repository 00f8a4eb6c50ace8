import { IntegerField, TextField, TextListField, TimeField } from '../../rest/fields.decorator.js';

export class TokenResponse {
  @TextField({ isRequired: true }) token!: string;
  @TextField({ isRequired: true, description: 'The same, for clients that look here.' }) access_token!: string;
  @IntegerField({ isRequired: true, description: 'In seconds.' }) expires_in!: number;
  @TimeField({ isRequired: true }) issued_at!: string;
  @TextField({ description: 'Where the form asked for `access_type=offline`.' }) refresh_token?: string;
}

/** The form of `POST /service/token`. */
export class TokenForm {
  @TextField({ description: '`password` or `refresh_token`.' }) grant_type?: string;
  @TextField() service?: string;
  @TextListField({ description: 'Space-joined, repeated, or both.' }) scope?: string[];
  @TextField() client_id?: string;
  @TextField({ description: '`offline` for a refresh token.' }) access_type?: string;
  @TextField() username?: string;
  @TextField() password?: string;
  @TextField() refresh_token?: string;
}
