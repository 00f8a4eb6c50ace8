import { describe, expect, it } from '@jest/globals';
import { readProjectSettings, shownMetadata } from './project-settings.js';

describe('readProjectSettings', () => {
  it('has the defaults of a project that says nothing', () => {
    expect(readProjectSettings({})).toEqual({
      isPublic: false,
      requiresNotation: false,
      requiresCosign: false,
      pullThreshold: null,
      scansOnPush: false,
      makesSbomOnPush: false,
      reusesSystemAllowlist: true,
      allowsSparseContent: false,
      proxy: {
        speedKibPerSecond: null,
        maxUpstreamConnections: null,
        servesLocalWhenGone: false,
        forwardsReferrers: false,
        filter: null,
      },
    });
  });

  it('reads what is set', () => {
    const settings = readProjectSettings({
      public: 'true',
      prevent_vul: 'true',
      severity: 'high',
      reuse_sys_cve_allowlist: 'false',
      proxy_speed_kb: '-1',
      max_upstream_conn: '4',
      proxy_cache_filter_pattern: 'library/**',
    });
    expect(settings).toMatchObject({ isPublic: true, pullThreshold: 'high', reusesSystemAllowlist: false });
    expect(settings.proxy).toMatchObject({
      speedKibPerSecond: null,
      maxUpstreamConnections: 4,
      filter: { kind: 'doublestar', pattern: 'library/**' },
    });
  });

  it('blocks on every finding when the threshold is unreadable, and on none when the check is off', () => {
    expect(readProjectSettings({ prevent_vul: 'true', severity: 'junk' }).pullThreshold).toBe('none');
    expect(readProjectSettings({ prevent_vul: 'true' }).pullThreshold).toBe('none');
    expect(readProjectSettings({ severity: 'high' }).pullThreshold).toBeNull();
  });
});

describe('shownMetadata', () => {
  it('puts the threshold into the words of CVSS v3', () => {
    expect(shownMetadata({ public: 'true', severity: 'Negligible' })).toEqual({ public: 'true', severity: 'none' });
    expect(shownMetadata({ severity: 'junk' })).toEqual({ severity: 'unknown' });
    expect(shownMetadata({ public: 'false' })).toEqual({ public: 'false' });
  });
});
