import type { TagDirectory } from '@breakwater/catalog';
import { DataPlanePath, parsePage } from '@breakwater/oci';
import type { Endpoints } from './endpoint.js';
import { linkToNext, pageLimit } from './pages.js';
import { replyJson } from './reply.js';
import { RepositoryUnknownError } from './unknown.errors.js';

/** `GET /v2/<name>/tags/list`, in byte order. */
export function tagsEndpoints(tags: TagDirectory): Endpoints<'tags'> {
  return {
    GET: {
      needs: 'pull',
      async handle(exchange, { name, query }) {
        const page = parsePage(query);
        const found = await tags.list(name, { limit: pageLimit(page), after: page.last });
        if (found === null) throw new RepositoryUnknownError(name);
        const link = linkToNext(DataPlanePath.tags(name), page, found.hasMore ? found.tags.at(-1) : undefined, query);
        replyJson(exchange, { name, tags: found.tags }, link);
      },
    },
  };
}
