import type { RepositoryDirectory } from '@breakwater/catalog';
import { DataPlanePath, parsePage } from '@breakwater/oci';
import type { Endpoints } from './endpoint.js';
import { linkToNext, pageLimit } from './pages.js';
import { replyJson } from './reply.js';

/** `GET /v2/_catalog`. The gate lets through only those who may read every repository. */
export function catalogEndpoints(directory: RepositoryDirectory): Endpoints<'catalog'> {
  return {
    GET: {
      needs: 'catalog',
      async handle(exchange, { query }) {
        const page = parsePage(query);
        const limit = pageLimit(page);
        const found = await directory.list({ limit, after: page.last, readable: { all: true } });
        const link = linkToNext(
          DataPlanePath.catalog,
          page,
          found.hasMore ? found.repositories.at(-1) : undefined,
          query,
        );
        replyJson(exchange, { repositories: found.repositories }, link);
      },
    },
  };
}
