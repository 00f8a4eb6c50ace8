import type { AccountService } from '@breakwater/accounts';
import {
  buildFilter,
  buildOrder,
  pageOf,
  parseQuery,
  parseSort,
  type FieldMap,
  type ListQuery,
} from '@breakwater/http';
import type { Listed } from '../../rest/listed.js';
import type { FoundUserResponse } from './user.dto.js';
import { UserResponse, type UserSearchQuery } from './user.dto.js';

/** What `q` and `sort` know of a user. */
const USER_FIELDS = {
  user_id: { column: 'id', type: 'integer' },
  username: { column: 'username', type: 'text' },
  email: { column: 'email', type: 'text' },
  realname: { column: 'realname', type: 'text' },
  comment: { column: 'comment', type: 'text' },
  sysadmin_flag: { column: 'is_system_admin', type: 'boolean' },
  creation_time: { column: 'created_at', type: 'time' },
  update_time: { column: 'updated_at', type: 'time' },
} as const satisfies FieldMap;

export async function userList(accounts: AccountService, query: ListQuery): Promise<Listed<UserResponse>> {
  const page = pageOf(query);
  const { items, total } = await accounts.list({
    where: buildFilter(parseQuery(query.q), USER_FIELDS),
    orderBy: buildOrder(parseSort(query.sort), USER_FIELDS, 'username'),
    limit: page.limit,
    offset: page.offset,
  });
  return { items: items.map((account) => UserResponse.of(account)), total, page };
}

export async function foundUsers(accounts: AccountService, query: UserSearchQuery): Promise<Listed<FoundUserResponse>> {
  const page = pageOf(query);
  const { items, total } = await accounts.search(query.username, page);
  return { items: items.map(({ id, username }) => ({ user_id: id, username })), total, page };
}
