import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '@breakwater/errors';
import { InvalidProjectMetadataError } from './project-metadata.errors.js';
import { isProjectMetadataKey, metadataEntry, metadataForCreation, metadataForUpdate } from './project-metadata.js';

const plain = { isProxyCache: false };
const proxy = { isProxyCache: true };

describe('metadata of a new project', () => {
  it('is private unless it says otherwise', () => {
    expect(metadataForCreation({}, plain)).toEqual({ public: 'false' });
    expect(metadataForCreation({}, plain, true)).toEqual({ public: 'true' });
    expect(metadataForCreation({ public: 'false' }, plain, true)).toEqual({ public: 'false' });
    expect(metadataForCreation({ public: null }, plain, null)).toEqual({ public: 'false' });
  });

  it.each(['', '1', 'TRUE', 'yes'])('does not guess what public %p means', (value) => {
    expect(() => metadataForCreation({ public: value }, plain)).toThrow(InvalidProjectMetadataError);
  });

  it('normalises values and ignores keys it does not know', () => {
    const given = { auto_scan: 'T', severity: 'Negligible', prevent_vul: '0', colour: 'blue', sparse_content: 'true' };
    expect(metadataForCreation(given, plain)).toEqual({
      public: 'false',
      auto_scan: 'true',
      severity: 'none',
      prevent_vul: 'false',
      sparse_content: 'true',
    });
  });

  it('leaves out what is empty or null', () => {
    expect(metadataForCreation({ severity: '', auto_scan: null }, plain)).toEqual({ public: 'false' });
  });

  it('drops what its kind of project has no use for', () => {
    const given = {
      enable_content_trust: 'true',
      proxy_speed_kb: '100',
      max_upstream_conn: '5',
      proxy_cache_filter_pattern: '**',
      proxy_cache_filter_kind: 'regex',
    };
    expect(metadataForCreation(given, plain)).toEqual({ public: 'false', enable_content_trust: 'true' });
    const { enable_content_trust: _, ...rest } = given;
    expect(metadataForCreation(given, proxy)).toEqual({ public: 'false', ...rest });
  });

  it.each([
    [{ retention_id: '3' }, plain],
    [{ severity: 'junk' }, plain],
    [{ auto_scan: 'maybe' }, plain],
    [{ proxy_speed_kb: 'fast' }, proxy],
    [{ proxy_speed_kb: '1.5' }, proxy],
    [{ proxy_speed_kb: '99999999999' }, proxy],
    [{ max_upstream_conn: '0' }, proxy],
    [{ max_upstream_conn: '-2' }, proxy],
    [{ proxy_cache_filter_kind: 'glob' }, proxy],
  ])('refuses %j', (given, context) => {
    expect(() => metadataForCreation(given, context)).toThrow(InvalidProjectMetadataError);
  });

  it('never sets the scanner or the retention policy', () => {
    expect(metadataForCreation({ projectScanner: 'x', retention_id: '' }, plain)).toEqual({ public: 'false' });
  });
});

describe('an update of metadata', () => {
  it('touches what was given only, and clears what is empty', () => {
    expect(metadataForUpdate({ auto_scan: 'true', severity: '' }, { public: 'true' }, plain)).toEqual({
      set: { auto_scan: 'true' },
      clear: ['severity'],
    });
    expect(metadataForUpdate({}, {}, plain)).toEqual({ set: {}, clear: [] });
  });

  it('takes the retention policy it has, and no other', () => {
    expect(metadataForUpdate({ retention_id: '3' }, { retention_id: '3' }, plain)).toEqual({ set: {}, clear: [] });
    expect(() => metadataForUpdate({ retention_id: '4' }, { retention_id: '3' }, plain)).toThrow(/retention_id/);
    expect(() => metadataForUpdate({ retention_id: '4' }, {}, plain)).toThrow(InvalidProjectMetadataError);
  });

  it('cannot leave public open', () => {
    expect(() => metadataForUpdate({ public: '' }, {}, plain)).toThrow(InvalidProjectMetadataError);
  });
});

describe('an entry of the metadata sub-API', () => {
  it.each([
    ['public', 'T', 'true'],
    ['auto_sbom_generation', 'False', 'false'],
    ['severity', 'CRITICAL', 'critical'],
    ['proxy_speed_kb', '+10', '10'],
    ['proxy_speed_kb', '-0', '0'],
    ['max_upstream_conn', '-1', '-1'],
    ['sparse_content', '1', 'true'],
  ])('%s: %p becomes %p', (key, given, value) =>
    expect(metadataEntry({ [key]: given }, plain)).toEqual({ key, value }),
  );

  it('keeps filters to proxy caches', () => {
    const given = { proxy_cache_filter_pattern: 'library/**' };
    expect(() => metadataEntry(given, plain)).toThrow(/proxy cache/);
    expect(metadataEntry(given, proxy)).toEqual({ key: 'proxy_cache_filter_pattern', value: 'library/**' });
  });

  it.each([
    [{}],
    [{ public: 'true', auto_scan: 'true' }],
    [{ retention_id: '1' }],
    [{ projectScanner: 'x' }],
    [{ colour: 'blue' }],
    [{ constructor: 'x' }],
    [{ auto_scan: '' }],
    [{ auto_scan: null }],
    [{ severity: 'unknown' }],
  ])('refuses %j', (given) => expect(() => metadataEntry(given, plain)).toThrow(InvalidProjectMetadataError));

  it('holds the body to the key of the path', () => {
    expect(metadataEntry({ auto_scan: 'true' }, plain, 'auto_scan').value).toBe('true');
    expect(() => metadataEntry({ public: 'true' }, plain, 'auto_scan')).toThrow(/path/);
  });

  it('answers any body with an entry in normal form or with its own error', () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('public', 'severity', 'max_upstream_conn', '__proto__', 'toString'),
    );
    fc.assert(
      fc.property(fc.dictionary(key, fc.option(fc.string()), { maxKeys: 2 }), fc.boolean(), (given, isProxyCache) => {
        try {
          const entry = metadataEntry(given, { isProxyCache });
          expect(isProjectMetadataKey(entry.key)).toBe(true);
          expect(metadataEntry({ [entry.key]: entry.value }, { isProxyCache })).toEqual(entry);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});
