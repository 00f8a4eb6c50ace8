import { artifactFields, type ArtifactScope, type ArtifactService } from '@breakwater/catalog';
import { InvalidQueryError, type QueryTerms } from '@breakwater/http';
import { CatalogListRequest } from '../../rest/list-request.js';
import type { Listed } from '../../rest/listed.js';
import { ArtifactResponse, shownOverviews } from './artifact.dto.js';
import { partsOf, type ArtifactListQuery, type ProjectArtifactListQuery } from './artifact-query.dto.js';

const ORDER = { byDefault: 'artifact.pushed_at DESC', tieBreaker: 'artifact.id DESC' };

export async function artifactList(
  artifacts: ArtifactService,
  projectName: string,
  query: ArtifactListQuery,
  accepted: readonly string[],
  scopeOf: (terms: QueryTerms) => ArtifactScope,
): Promise<Listed<ArtifactResponse>> {
  const { terms, request, page } = new CatalogListRequest(query, artifactFields, ORDER);
  const { items, total } = await artifacts.list(scopeOf(terms), partsOf(query), request);
  return {
    items: items.map((artifact) => ArtifactResponse.of(artifact, projectName, shownOverviews(query, accepted))),
    total,
    page,
  };
}

/** `q=base=*` shows also what only an index names. @throws InvalidQueryError  for any other value. */
export function includesChildren(terms: QueryTerms): boolean {
  const base = terms.get('base');
  if (base === undefined) return false;
  if (base.kind !== 'exact' || base.value !== '*') throw new InvalidQueryError('base takes * only');
  return true;
}

/** @throws InvalidQueryError  the newest of a repository is the newest of one kind. */
export function isLatestOnly(query: ProjectArtifactListQuery, terms: QueryTerms): boolean {
  if (query.latest_in_repository !== true) return false;
  const kinds = ['media_type', 'artifact_type'].filter((key) => terms.get(key)?.kind === 'exact');
  if (kinds.length !== 1) throw new InvalidQueryError('latest_in_repository needs either media_type or artifact_type');
  return true;
}
