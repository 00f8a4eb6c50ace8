import { RepositoryName, Tag } from '@breakwater/oci';
import { explainQueries } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ArtifactParts, artifactFields } from '../artifacts/artifact.js';
import type { CatalogControl } from '../create-catalog-control.js';
import { type CatalogWorld, createCatalogWorld } from '../testing/catalog-world.js';
import { controlOf } from '../testing/control.js';
import { LISTED_IN_LARGE, seedLargeCatalog } from '../testing/large-catalog.js';
import type { ListRequest } from './list.js';

// What lists read of 1,000 projects with 100,000 artifacts, in rows: timings are not asserted, plans are.

let world: CatalogWorld;
beforeAll(async () => {
  world = await createCatalogWorld();
  await seedLargeCatalog(world.database);
});
afterAll(() => world.close());

const PAGE: ListRequest = { limit: 10, offset: 0 };
const EVERY: ArtifactParts = { tags: true, accessories: true, inheritedAccessories: true };
const large = { projectId: 1, name: RepositoryName.parse('large/app') };
const byTag = (text: string) => ({ kind: 'tag', tag: Tag.parse(text) }) as const;

const inLarge = (control: CatalogControl, request: ListRequest = PAGE) =>
  control.artifacts.list({ repository: large, includesChildren: false }, EVERY, request);

function where(kind: 'exact' | 'fuzzy', tag: string): ListRequest {
  const params: string[] = [];
  const sql = artifactFields.tags.filter({ kind, value: tag }, (each) => `$${params.push(each)}`);
  return { ...PAGE, where: { sql, params } };
}

type Case = readonly [name: string, atMost: readonly number[], work: (control: CatalogControl) => Promise<unknown>];

/** By statement, in their order: a count reads what it counts, by an index; everything else reads about its page. */
const CASES: readonly Case[] = [
  ['projects', [1_000, 1_100], ({ projects }) => projects.list({ all: true }, PAGE)],
  ['one’s own projects', [1_000, 1_100], ({ projects }) => projects.list({ all: false, projectIds: [1, 5] }, PAGE)],
  ['repositories of a project', [1_000, 300], ({ repositories }) => repositories.list(2, PAGE)],
  [
    'repositories of a project by name',
    [1_000, 300],
    ({ repositories }) => repositories.list(2, { ...PAGE, orderBy: 'repository.name' }),
  ],
  ['artifacts of a repository', [LISTED_IN_LARGE + 1, 40, 20, 20, 40], (control) => inLarge(control)],
  [
    'a later page of them',
    [LISTED_IN_LARGE + 1, 1_100, 20, 20, 40],
    (control) => inLarge(control, { limit: 10, offset: 1_000 }),
  ],
  ['the artifact of a tag', [10, 10, 5, 5], (control) => inLarge(control, where('exact', 't5001'))],
  [
    'artifacts of a project',
    [LISTED_IN_LARGE + 100, 40, 20, 20, 40],
    ({ artifacts }) => artifacts.list({ projectId: 1, isLatestOnly: false }, EVERY, PAGE),
  ],
  ['one artifact', [5, 5, 5], ({ artifacts }) => artifacts.get(large, byTag('t5001'), EVERY)],
  ['its accessories', [5, 10, 10], ({ artifacts }) => artifacts.listAccessories(large, byTag('t5002'), PAGE)],
  ['its tags', [5, 5, 5], ({ tags }) => tags.list(large, byTag('t5001'), PAGE)],
  ['statistics', [8_000], ({ statistics }) => statistics.count({ all: false, projectIds: [5] })],
];

describe('a list', () => {
  it.each(CASES)('of %s reads its page and no more', async (_, atMost, work) => {
    const reads = await explain(work);
    expect(reads).toHaveLength(atMost.length);
    const tooMany = reads.filter(({ rows }, index) => rows > (atMost[index] ?? 0));
    expect(tooMany).toEqual([]);
  });

  it.each([
    ...CASES,
    ['artifacts by a part of a tag', [], (control) => inLarge(control, where('fuzzy', '500'))],
    ['newest artifacts', [], ({ artifacts }) => artifacts.list({ projectId: 2, isLatestOnly: true }, EVERY, PAGE)],
    ['found things', [], ({ search }) => search.find('99', { all: false, projectIds: [5] })],
    ['all repositories', [], ({ repositories }) => repositories.listVisible({ all: false, projectIds: [1] }, PAGE)],
  ] satisfies readonly Case[])('of %s never reads a large table from end to end', async (_, __, work) => {
    const scanned = (await explain(work)).flatMap((read) => read.scanned);
    expect(scanned.filter((table) => LARGE_TABLES.includes(table))).toEqual([]);
  });
});

const LARGE_TABLES = ['artifact', 'artifact_reference', 'artifact_manifest', 'tag', 'blob', 'repository_blob'];

const explain = (work: (control: CatalogControl) => Promise<unknown>) =>
  explainQueries(world.database, (database) => work(controlOf({ ...world, database })));
