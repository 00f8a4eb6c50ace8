import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidQueryError } from '../errors/http.errors.js';
import { buildFilter } from './build-filter.js';
import type { FieldMap } from './field-map.js';
import { parseQuery, type QueryTerm } from './query-terms.js';
import { buildOrder, parseSort } from './sort-order.js';

const fields = {
  name: { column: '"p"."name"', type: 'text' },
  digest: { column: '"p"."digest"', type: 'text', fuzzy: false },
  project_id: { column: '"p"."id"', type: 'integer' },
  creation_time: { column: '"p"."created_at"', type: 'time' },
  public: { column: '"p"."is_public"', type: 'boolean', sortable: false },
  labels: {
    filter: (term, bind) => {
      if (term.kind !== 'and') throw new InvalidQueryError('labels takes (1 2)');
      return `"p"."labels" @> ${bind(term.values)} OR FALSE`;
    },
  },
} as const satisfies FieldMap;

const filter = (q: string, firstParameter?: number) => buildFilter(parseQuery(q), fields, firstParameter);

describe('parseQuery', () => {
  it.each<[string, Record<string, QueryTerm>]>([
    ['', {}],
    ['k=v', { k: { kind: 'exact', value: 'v' } }],
    ['k=a=b', { k: { kind: 'exact', value: 'a=b' } }],
    ['k=~v', { k: { kind: 'fuzzy', value: 'v' } }],
    ['k=~', { k: { kind: 'fuzzy', value: '' } }],
    ['k=\\~x', { k: { kind: 'exact', value: '~x' } }],
    ['k=\\\\x', { k: { kind: 'exact', value: '\\x' } }],
    ['k=\\d', { k: { kind: 'exact', value: '\\d' } }],
    ['k=[1~2]', { k: { kind: 'range', min: '1', max: '2' } }],
    ['k=[1~]', { k: { kind: 'range', min: '1', max: null } }],
    ['k=[~"b"]', { k: { kind: 'range', min: null, max: 'b' } }],
    ['k={a  b "c"}', { k: { kind: 'or', values: ['a', 'b', 'c'] } }],
    ['k=(1 2)', { k: { kind: 'and', values: ['1', '2'] } }],
    ['k=v,l=~w', { k: { kind: 'exact', value: 'v' }, l: { kind: 'fuzzy', value: 'w' } }],
    ['k=1,k=2', { k: { kind: 'exact', value: '2' } }],
    ['k%3D~a%2Bb', { k: { kind: 'fuzzy', value: 'a+b' } }],
    ['k=a+b', { k: { kind: 'exact', value: 'a b' } }],
  ])('reads %s', (q, terms) => expect(Object.fromEntries(parseQuery(q))).toEqual(terms));

  it('means no condition by nothing', () => expect(parseQuery(undefined).size).toBe(0));

  it.each([
    'k',
    '=v',
    'k=',
    ',',
    'k=v,',
    'k=[1~2',
    'k=[1]',
    'k=[~]',
    'k=[1~2~3]',
    'k={}',
    'k={a',
    'k=( )',
    'k=(a}',
    'k=%zz',
    'k=100%',
    'k=a%00b',
  ])('refuses %s', (q) => expect(() => parseQuery(q)).toThrow(InvalidQueryError));
});

describe('buildFilter', () => {
  it.each<[string, string, unknown[]]>([
    ['', 'TRUE', []],
    ['name=x', '"p"."name" = $1::text', ['x']],
    ['name=~50%25_\\', `"p"."name" ILIKE $1 ESCAPE '\\'`, ['%50\\%\\_\\\\%']],
    ['project_id=7', '"p"."id" = $1::bigint', ['7']],
    ['ProjectID=7', '"p"."id" = $1::bigint', ['7']],
    ['public=True', '"p"."is_public" = $1::boolean', [true]],
    ['project_id={1 2}', '"p"."id" = ANY($1::bigint[])', [['1', '2']]],
    ['project_id=[1~9]', '"p"."id" >= $1::bigint AND "p"."id" <= $2::bigint', ['1', '9']],
    ['creation_time=[2026-01-01T00:00:00~]', '"p"."created_at" >= $1::timestamptz', ['2026-01-01T00:00:00.000Z']],
    ['creation_time=[~2026-01-31 10:00:00.5]', '"p"."created_at" <= $1::timestamptz', ['2026-01-31T10:00:00.500Z']],
    ['creation_time__gt=2026-01-31', '"p"."created_at" > $1::timestamptz', ['2026-01-31T00:00:00.000Z']],
    ['name__icontains=a', `"p"."name" ILIKE $1 ESCAPE '\\'`, ['%a%']],
    ['name__in={a b}', '"p"."name" = ANY($1::text[])', [['a', 'b']]],
    ['name__in=a', '"p"."name" = ANY($1::text[])', [['a']]],
    ['name__exact=a', '"p"."name" = $1::text', ['a']],
    ['project_id__lte=3', '"p"."id" <= $1::bigint', ['3']],
    ['name=a,project_id=7', '"p"."name" = $1::text AND "p"."id" = $2::bigint', ['a', '7']],
    ['labels=(1 2)', '("p"."labels" @> $1 OR FALSE)', [['1', '2']]],
    ['name=(a b)', 'TRUE', []],
    ['password=~a,name__password=a,email__password__gte=1,name__gte__x=1', 'TRUE', []],
    ['constructor=x,__proto__=x,toString=~x,hasOwnProperty=1', 'TRUE', []],
    ['NAME__unknown=1,projectid=1', 'TRUE', []],
    ['name__gte=~a,name__in=[a~b]', 'TRUE', []],
  ])('%s', (q, sql, params) => expect(filter(q)).toEqual({ sql, params }));

  it('counts on from the parameters that the statement has', () => {
    expect(filter('name=a,project_id=[1~2]', 4).sql).toBe(
      '"p"."name" = $4::text AND "p"."id" >= $5::bigint AND "p"."id" <= $6::bigint',
    );
  });

  it.each([
    'project_id=seven',
    'project_id=9223372036854775808',
    'project_id={1 x}',
    'project_id=~1',
    'digest=~sha',
    'creation_time=yesterday',
    'creation_time=2026-02-31',
    'creation_time=2026-13-01T00:00:00',
    'creation_time=2026-01-01T25:00:00',
    'public=maybe',
    'public=[true~false]',
    'public__gt=true',
    'labels=1',
  ])('refuses %s', (q) => expect(() => filter(q)).toThrow(InvalidQueryError));

  it('never lets input into the SQL, whatever it is', () => {
    const hostile = fc.constantFrom(
      "'",
      '"',
      ';',
      '--',
      '/*',
      '$1',
      '\\',
      '%',
      ') OR TRUE',
      "' OR 1=1 --",
      '\u0000',
      '\ud800',
    );
    const piece = fc.oneof(fc.string({ unit: 'binary' }), hostile, fc.constantFrom(...'=~[]{}() ', 'a', '1'));
    const text = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join('').replaceAll(',', ''));
    const known = fc.constantFrom(
      ...Object.keys(fields),
      'Name',
      'name__in',
      'name__gt',
      'digest__lt',
      'project_id__lt',
    );
    const key = fc.oneof({ weight: 5, arbitrary: known }, { weight: 1, arbitrary: text });
    const form = fc.constantFrom('?', '?', '~?', '{? ?}', '[?~]', '[~?]', '[?~?]', '(?)', '\\?');
    const value = fc.tuple(form, text).map(([form, text]) => form.replaceAll('?', () => text));
    const term = fc.tuple(key, value).map(([key, value]) => `${key}=${value}`);
    const q = fc.array(term, { maxLength: 2 }).map((terms) => terms.join(','));
    const column = '"p"\\."(?:name|digest|id|created_at|is_public)"';
    const bound = '\\$\\d+::(?:text|bigint|timestamptz|boolean)';
    const condition = [
      `${column} (?:=|>=|<=|>|<) ${bound}`,
      `${column} ILIKE \\$\\d+ ESCAPE '\\\\'`,
      `${column} = ANY\\(${bound}\\[\\]\\)`,
      '\\("p"\\."labels" @> \\$\\d+ OR FALSE\\)',
    ].join('|');
    const shape = new RegExp(`^(?:TRUE|(?:${condition})(?: AND (?:${condition}))*)$`);
    let built = 0;
    fc.assert(
      fc.property(q, fc.integer({ min: 1, max: 9 }), (q, first) => {
        let made;
        try {
          made = filter(encodeURIComponent(q.toWellFormed()), first);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidQueryError);
          return;
        }
        expect(made.sql).toMatch(shape);
        const numbers = [...made.sql.matchAll(/\$(\d+)/g)].map((match) => Number(match[1]));
        expect(numbers).toEqual(made.params.map((_, index) => first + index));
        expect(JSON.stringify(made.params)).not.toContain('\\u0000');
        built += made.params.length;
      }),
      { numRuns: 2000 },
    );
    expect(built).toBeGreaterThan(300);
  });
});

describe('sorting', () => {
  it('reads keys and directions', () => {
    expect(parseSort('name,-creation_time, ,-')).toEqual([
      { key: 'name', isDescending: false },
      { key: 'creation_time', isDescending: true },
    ]);
    expect(parseSort(undefined)).toEqual([]);
  });

  it.each([
    ['-creation_time,name', '"p"."created_at" DESC, "p"."name" ASC, "p"."id" DESC'],
    ['name,-name', '"p"."name" ASC, "p"."id" DESC'],
    ['', '"p"."name" ASC, "p"."id" DESC'],
    ['password,constructor,labels,public', '"p"."name" ASC, "p"."id" DESC'],
    ['name;DROP TABLE x,"', '"p"."name" ASC, "p"."id" DESC'],
  ])('orders by %p', (sort, sql) => {
    expect(buildOrder(parseSort(sort), fields, '"p"."name" ASC', '"p"."id" DESC')).toBe(sql);
  });

  it('takes nothing from input but the choice of a column', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.array(fc.constantFrom(...Object.keys(fields), '-name', '--')).map(String)),
        (sort) => {
          expect(buildOrder(parseSort(sort), fields, 'DEFAULT')).toMatch(
            /^(?:DEFAULT|"p"\."\w+" (?:ASC|DESC)(?:, "p"\."\w+" (?:ASC|DESC))*)$/,
          );
        },
      ),
    );
  });
});
