import { auditLogFields, type AuditLogReader, type AuditLogRow, type AuditLogScope } from '@breakwater/audit';
import { parseSort, type ListQuery } from '@breakwater/http';
import { CatalogListRequest, type ListOrder } from '../../rest/list-request.js';
import type { Listed } from '../../rest/listed.js';
import { AuditLogExtResponse, AuditLogResponse } from './audit-log.dto.js';

/** What came to pass within the same millisecond stands in the order in which it was written, whichever end is first. */
function orderOf({ sort }: ListQuery): ListOrder {
  const time = parseSort(sort).find(({ key }) => key === 'op_time');
  return { byDefault: 'op_time DESC', tieBreaker: time?.isDescending === false ? 'id ASC' : 'id DESC' };
}

/** One page of the log, as it is. */
export function auditLogExtList(
  reader: AuditLogReader,
  scope: AuditLogScope,
  query: ListQuery,
): Promise<Listed<AuditLogExtResponse>> {
  return list(reader, scope, new CatalogListRequest(query, auditLogFields, orderOf(query)), (row) =>
    AuditLogExtResponse.of(row),
  );
}

/** The same log for clients of the older operations, who cannot be told of a failure: what was refused is left out. */
export function auditLogList(
  reader: AuditLogReader,
  scope: AuditLogScope,
  query: ListQuery,
): Promise<Listed<AuditLogResponse>> {
  const successes = new CatalogListRequest(query, auditLogFields, orderOf(query)).and(
    true,
    (value) => `is_success = ${value}`,
  );
  return list(reader, scope, successes, (row) => AuditLogResponse.of(row));
}

async function list<T>(
  reader: AuditLogReader,
  scope: AuditLogScope,
  { request, page }: CatalogListRequest,
  answerOf: (row: AuditLogRow) => T,
): Promise<Listed<T>> {
  const { items, total } = await reader.list(scope, request);
  return { items: items.map(answerOf), total, page };
}
