/**
 * What a client may filter and sort the list of accounts by, for `buildFilter` and `buildOrder` of libs/http, under
 * Harbor's names. What is not here cannot be asked for: the password's hash, the incarnation.
 */
export const accountFields = {
  user_id: { column: 'account.id', type: 'integer' },
  username: { column: 'account.username', type: 'text' },
  email: { column: 'account.email', type: 'text' },
  realname: { column: 'account.realname', type: 'text' },
  comment: { column: 'account.comment', type: 'text' },
  sysadmin_flag: { column: 'account.is_system_admin', type: 'boolean' },
  creation_time: { column: 'account.created_at', type: 'time' },
  update_time: { column: 'account.updated_at', type: 'time' },
} as const;
