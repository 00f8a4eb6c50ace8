import { describe, expect, it } from '@jest/globals';
import { buildHistory, chartDependencies } from './config-additions.js';

describe('buildHistory', () => {
  it('gives the steps as the config has them', () => {
    const history = [{ created_by: 'COPY . .', empty_layer: false }, { created_by: 'CMD ["run"]' }];
    expect(buildHistory({ os: 'linux', history })).toEqual(history);
  });

  it.each([null, 7, 'text', [], {}, { history: null }, { history: 'none' }])('is empty for %j', (config) => {
    expect(buildHistory(config)).toEqual([]);
  });
});

describe('chartDependencies', () => {
  it('gives name, version and repository, and nothing else', () => {
    const dependencies = [{ name: 'db', version: '1.x', repository: 'oci://charts', alias: 'main' }, { name: 7 }, null];
    expect(chartDependencies({ dependencies })).toEqual([
      { name: 'db', version: '1.x', repository: 'oci://charts' },
      { name: '', version: '', repository: '' },
      { name: '', version: '', repository: '' },
    ]);
  });

  it.each([null, {}, { dependencies: {} }])('is empty for %j', (config) => {
    expect(chartDependencies(config)).toEqual([]);
  });
});
