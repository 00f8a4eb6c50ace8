import { explainQueries } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FINDINGS_PER_REPORT, seedLargeHub } from '../testing/large-hub.js';
import { createScannerWorld, type ScannerInstance, type ScannerWorld } from '../testing/scanner-world.js';
import type { FindingFilter } from './finding-filter.js';
import { FindingSearch, type FindingSearchRequest } from './finding-search.js';
import { SecuritySummaries } from './security-summary.js';

// What the hub reads of 6,000 images with 240,000 findings, in rows: timings are not asserted, plans are.

const ARTIFACTS = 6_000;

let world: ScannerWorld;
let core: ScannerInstance;
beforeAll(async () => {
  world = await createScannerWorld();
  core = await world.open();
  await seedLargeHub(world.database, ARTIFACTS);
});
afterAll(() => world.close());

const REQUEST: Omit<FindingSearchRequest, 'filter'> = { limit: 10, offset: 0, withTags: true, tunesCount: true };
const explainSearch = (filter: FindingFilter, request: Partial<FindingSearchRequest> = {}) =>
  explainQueries(world.database, (database) =>
    new FindingSearch(database, core.scanners).find({ ...REQUEST, ...request, filter }),
  );

/** Findings, and who has them: what must never be read from end to end. */
const LARGE_TABLES = ['vulnerability', 'report_vulnerability', 'artifact', 'tag'];
const digest = `sha256:${'0'.repeat(61)}003`;

/** At most so many rows by all statements of a page of ten. The sums of reports are read where many are left. */
const SEARCHES: readonly (readonly [name: string, filter: FindingFilter, atMost: number])[] = [
  ['everything', {}, ARTIFACTS + 300],
  ['a CVE that is everywhere', { cveId: 'CVE-2026-00001' }, ARTIFACTS + 2_500],
  ['a CVE', { cveId: 'CVE-2026-00777' }, ARTIFACTS + 1_000],
  ['a package', { package: 'package77' }, ARTIFACTS + 2_500],
  ['a severity', { severity: 'Critical' }, ARTIFACTS + 4_000],
  ['a severity that nobody tells', { severity: 'Awful' }, ARTIFACTS + 10],
  ['a range of scores', { minScore: 9, maxScore: 9.5 }, ARTIFACTS + 4_000],
  ['a status', { status: 'fixed' }, ARTIFACTS + 2_500],
  ['a small project', { projectId: 7 }, 20_000],
  ['the large repository', { repository: 'big/app' }, ARTIFACTS + 500],
  ['a severity in the large repository', { repository: 'big/app', severity: 'High' }, ARTIFACTS + 10_000],
  ['a small repository', { repository: 'p7/r2' }, 5_000],
  ['a digest', { digest }, 10 * FINDINGS_PER_REPORT],
  ['a tag', { tag: 't5001' }, 10 * FINDINGS_PER_REPORT],
  ['a CVE in a digest', { digest, cveId: 'CVE-2026-00001' }, 10 * FINDINGS_PER_REPORT],
];

describe('a search', () => {
  it.each(SEARCHES)('for %s reads about its page', async (_, filter, atMost) => {
    const reads = await explainSearch(filter);
    expect(reads.flatMap(({ scanned }) => scanned).filter((table) => LARGE_TABLES.includes(table))).toEqual([]);
    const rows = reads.reduce((sum, read) => sum + read.rows, 0);
    expect({ rows: rows <= atMost || rows }).toEqual({ rows: true });
  });

  it('counts all of it from the reports', async () => {
    const reads = await explainSearch({}, { tunesCount: false, withTags: false });
    const found = await new FindingSearch(world.database, core.scanners).find({
      ...REQUEST,
      tunesCount: false,
      filter: {},
    });
    expect(found.total).toBe(ARTIFACTS * FINDINGS_PER_REPORT);
    expect(reads.some(({ rows }) => rows > ARTIFACTS)).toBe(false);
  });
});

describe('pages', () => {
  const find = (filter: FindingFilter, request: Partial<FindingSearchRequest> = {}) =>
    new FindingSearch(world.database, core.scanners).find({ ...REQUEST, tunesCount: false, ...request, filter });
  const keyOf = ({ digest: of, cveId, version }: { digest: string; cveId: string; version: string }) =>
    [of, cveId, version].join(' ');

  it.each([
    ['walked', { cveId: 'CVE-2026-00777' }],
    ['sorted', { repository: 'p7/r2', severity: 'High' }],
    ['walked in one repository', { repository: 'big/app', package: 'package77' }],
  ] satisfies [string, FindingFilter][])('that are %s hold each finding once, the worst first', async (_, filter) => {
    const { total } = await find(filter, { limit: 1 });
    const items = [];
    for (let offset = 0; offset < (total ?? 0); offset += 50)
      items.push(...(await find(filter, { limit: 50, offset })).items);
    expect(total).toBeGreaterThan(60);
    expect(new Set(items.map(keyOf)).size).toBe(total);
    const scores = items.map((item) => item.cvssV3Score);
    expect(scores).toEqual(scores.toSorted((one, other) => other - one));
    expect((await find(filter, { offset: total ?? 0 })).items).toEqual([]);
  });

  it('are not counted beyond a thousand when that is not asked for', async () => {
    expect((await find({ severity: 'High' }, { tunesCount: true })).total).toBeNull();
    expect((await find({ severity: 'High' })).total).toBe(await countOf('High'));
  });

  async function countOf(severity: string): Promise<number> {
    const [row] = await world.database.rows<{ count: number }>(
      `SELECT count(*)::integer FROM report_vulnerability l JOIN vulnerability v ON v.id = l.vulnerability_id
       WHERE v.severity = $1`,
      [severity],
    );
    return row?.count ?? 0;
  }
});

describe('the summary', () => {
  const explainSummary = (work: (summaries: SecuritySummaries) => Promise<unknown>) =>
    explainQueries(world.database, (database) => work(new SecuritySummaries(database, core.scanners)));

  it('reads reports and no findings', async () => {
    const reads = await explainSummary((summaries) => summaries.summary());
    expect(reads.flatMap(({ sql }) => sql.match(/vulnerability\b(?!')/g) ?? [])).toEqual([]);
    expect(reads.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(2 * ARTIFACTS + 100);
  });

  it.each([
    ['artifacts', (summaries: SecuritySummaries) => summaries.dangerousArtifacts(), 200],
    ['CVEs', (summaries: SecuritySummaries) => summaries.dangerousCves(), 500],
  ])('names the most dangerous %s by an index', async (_, work, atMost) => {
    const reads = await explainSummary(work);
    expect(reads.flatMap(({ scanned }) => scanned).filter((table) => LARGE_TABLES.includes(table))).toEqual([]);
    const rows = reads.reduce((sum, read) => sum + read.rows, 0);
    expect({ rows: rows <= atMost || rows }).toEqual({ rows: true });
  });
});
