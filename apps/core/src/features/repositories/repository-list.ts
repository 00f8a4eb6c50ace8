import { repositoryFields, type ListPage, type ListRequest, type Repository } from '@breakwater/catalog';
import type { ListQuery } from '@breakwater/http';
import { CatalogListRequest } from '../../rest/list-request.js';
import type { Listed } from '../../rest/listed.js';
import { RepositoryResponse } from './repository.dto.js';

const ORDER = { byDefault: 'repository.created_at DESC', tieBreaker: 'repository.id DESC' };

export async function repositoryList(
  query: ListQuery,
  read: (request: ListRequest) => Promise<ListPage<Repository>>,
): Promise<Listed<RepositoryResponse>> {
  const { request, page } = new CatalogListRequest(query, repositoryFields, ORDER);
  const { items, total } = await read(request);
  return { items: items.map((repository) => RepositoryResponse.of(repository)), total, page };
}
