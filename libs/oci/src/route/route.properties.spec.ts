import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digests, hostileTexts, repositoryNames, tags } from '../../testing/arbitraries.js';
import { InvalidRepositoryNameError, RepositoryName } from '../repository-name.js';
import { DataPlanePath } from './paths.js';
import { InvalidTargetError, requireWellFormedPath } from './request-target.js';
import { type Route, parseDataPlaneRoute } from './route.js';

const uploadIds = fc.uuid();

interface Address {
  readonly path: string;
  readonly route: object;
}

const addresses: fc.Arbitrary<Address> = fc
  .record({ name: repositoryNames, digest: digests, tag: tags, uploadId: uploadIds })
  .chain(({ name, digest, tag, uploadId }) =>
    fc.constantFrom<Address>(
      {
        path: DataPlanePath.manifest(name, { kind: 'tag', tag }),
        route: { kind: 'manifest', name, referenceText: tag },
      },
      {
        path: DataPlanePath.manifest(name, { kind: 'digest', digest }),
        route: { kind: 'manifest', name, referenceText: digest },
      },
      { path: DataPlanePath.blob(name, digest), route: { kind: 'blob', name, digestText: digest } },
      { path: DataPlanePath.tags(name), route: { kind: 'tags', name } },
      { path: DataPlanePath.referrers(name, digest), route: { kind: 'referrers', name, digestText: digest } },
      { path: DataPlanePath.uploads(name), route: { kind: 'uploads', name } },
      { path: DataPlanePath.upload(name, uploadId), route: { kind: 'upload', name, uploadId } },
      { path: DataPlanePath.catalog, route: { kind: 'catalog' } },
      { path: DataPlanePath.base, route: { kind: 'base' } },
    ),
  );

const queries = fc.array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' })), {
  minLength: 1,
  maxLength: 4,
});

/** Targets that share much with good ones: their pieces, in any order, and a good one with a hole in it. */
const hostileTargets = fc.oneof(
  hostileTexts,
  fc
    .array(
      fc.constantFrom(
        ...[
          '/',
          '/v2',
          'v2',
          '/manifests',
          '/blobs',
          '/uploads',
          '/tags',
          '/list',
          '/referrers',
          '/_oci',
          '/ext',
          '/a',
        ],
        ...[
          '/discover',
          '/_catalog',
          'b',
          '.',
          '..',
          '%3A',
          '%2f',
          '%',
          '?',
          '#',
          '\\',
          '\0',
          'ä',
          ':',
          'http://',
          '//',
        ],
      ),
      { maxLength: 12 },
    )
    .map((pieces) => pieces.join('')),
  fc.tuple(addresses, fc.nat(), hostileTexts).map(([{ path }, place, text]) => {
    const at = place % (path.length + 1);
    return path.slice(0, at) + text + path.slice(at);
  }),
);

function outcomeOf(target: string): Route | InvalidTargetError | InvalidRepositoryNameError {
  try {
    return parseDataPlaneRoute(target);
  } catch (error) {
    if (error instanceof InvalidTargetError || error instanceof InvalidRepositoryNameError) return error;
    throw error;
  }
}

describe('parseDataPlaneRoute, whatever it is given', () => {
  it('reads back every path we write', () => {
    fc.assert(
      fc.property(addresses, ({ path, route }) => {
        expect(parseDataPlaneRoute(path)).toMatchObject(route);
      }),
      { numRuns: 500 },
    );
  });

  it('reads the same with an origin in front and a query behind', () => {
    fc.assert(
      fc.property(
        addresses,
        fc.constantFrom('', 'http://a.example:80', 'https://[::1]'),
        queries,
        (address, origin, pairs) => {
          const route = parseDataPlaneRoute(`${origin}${address.path}?${new URLSearchParams(pairs).toString()}`);
          expect(route).toMatchObject(address.route);
          expect(route.query.entries()).toEqual([...new URLSearchParams(new URLSearchParams(pairs).toString())]);
        },
      ),
    );
  });

  it('answers a route or one of two errors, and never a name that breaks the grammar', () => {
    fc.assert(
      fc.property(hostileTargets, (target) => {
        const outcome = outcomeOf(target);
        if (outcome instanceof Error) return;
        if ('name' in outcome && outcome.name !== null) expect(RepositoryName.is(outcome.name)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('accepts nothing on its fast way that the whole check would refuse', () => {
    fc.assert(
      fc.property(hostileTargets, (target) => {
        const outcome = outcomeOf(target);
        if (outcome instanceof Error) return;
        const path = target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] ?? '';
        expect(() => requireWellFormedPath(path)).not.toThrow();
        if ('referenceText' in outcome) expect(outcome.referenceText).not.toMatch(/[/\\%\0#?\s]|^\.{1,2}$|^$/);
      }),
      { numRuns: 5000 },
    );
  });

  it('agrees with a naive reading, segment by segment, of every path that is well formed', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          addresses.map(({ path }) => path),
          hostileTargets,
        ),
        (target) => {
          const outcome = outcomeOf(target);
          if (!target.startsWith('/') || outcome instanceof InvalidTargetError) return;
          expect(summaryOf(outcome)).toEqual(naively(target));
        },
      ),
      { numRuns: 3000 },
    );
  });
});

function summaryOf(outcome: Route | InvalidRepositoryNameError): string {
  if (outcome instanceof Error) return 'invalid name';
  return 'name' in outcome ? `${outcome.kind} of ${outcome.name ?? ''}` : outcome.kind;
}

/** The same routes, written without any thought of speed. */
function naively(target: string): string {
  const path = target.split('?', 1)[0] ?? '';
  if (path === '/v2' || path === '/v2/') return 'base';
  if (path === '/v2/_catalog') return 'catalog';
  if (path === '/v2/_oci/ext/discover') return 'extensions of ';
  if (!path.startsWith('/v2/')) return 'not-found';
  const segments = path.slice('/v2/'.length).split('/');
  const found = ENDINGS.find(({ ending }) => endsWith(segments, ending));
  if (!found) return 'not-found';
  const name = segments.slice(0, -found.ending.length).join('/');
  if (name === '') return 'not-found';
  return RepositoryName.is(name) ? `${found.kind} of ${name}` : 'invalid name';
}

/** `*` is any segment but an empty one. */
const ENDINGS = [
  { kind: 'uploads', ending: ['blobs', 'uploads'] },
  { kind: 'uploads', ending: ['blobs', 'uploads', ''] },
  { kind: 'upload', ending: ['blobs', 'uploads', '*'] },
  { kind: 'tags', ending: ['tags', 'list'] },
  { kind: 'manifest', ending: ['manifests', '*'] },
  { kind: 'blob', ending: ['blobs', '*'] },
  { kind: 'referrers', ending: ['referrers', '*'] },
  { kind: 'extensions', ending: ['_oci', 'ext', 'discover'] },
] as const;

function endsWith(segments: readonly string[], ending: readonly string[]): boolean {
  const tail = segments.slice(-ending.length);
  return (
    tail.length === ending.length &&
    ending.every((wanted, index) => (wanted === '*' ? tail[index] !== '' : tail[index] === wanted))
  );
}
