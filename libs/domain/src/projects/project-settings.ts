import { findSeverityThreshold, type SeverityThreshold } from '../severity.js';
import type { ProjectMetadata } from './project-metadata.js';

/** The metadata of a project, read: what the product acts on. */
export interface ProjectSettings {
  readonly isPublic: boolean;
  readonly requiresNotation: boolean;
  readonly requiresCosign: boolean;
  /** Findings at or above it hold back a pull; null where the project does not check. */
  readonly pullThreshold: SeverityThreshold | null;
  readonly scansOnPush: boolean;
  readonly makesSbomOnPush: boolean;
  readonly reusesSystemAllowlist: boolean;
  readonly allowsSparseContent: boolean;
  readonly proxy: ProxySettings;
}

export interface ProxySettings {
  /** KiB a second from upstream; null for no limit. */
  readonly speedKibPerSecond: number | null;
  readonly maxUpstreamConnections: number | null;
  readonly servesLocalWhenGone: boolean;
  readonly forwardsReferrers: boolean;
  readonly filter: { readonly kind: 'doublestar' | 'regex'; readonly pattern: string } | null;
}

/** Never throws: rows written by hand or by an older version fall back on the safer reading. */
export function readProjectSettings(metadata: Readonly<Record<string, string | undefined>>): ProjectSettings {
  const isOn = (key: keyof ProjectMetadata) => metadata[key] === 'true';
  return {
    isPublic: isOn('public'),
    requiresNotation: isOn('enable_content_trust'),
    requiresCosign: isOn('enable_content_trust_cosign'),
    // A threshold that cannot be read blocks everything with a finding, as Harbor's does.
    pullThreshold: isOn('prevent_vul') ? (findSeverityThreshold(metadata['severity'] ?? '') ?? 'none') : null,
    scansOnPush: isOn('auto_scan'),
    makesSbomOnPush: isOn('auto_sbom_generation'),
    reusesSystemAllowlist: metadata['reuse_sys_cve_allowlist'] !== 'false',
    allowsSparseContent: isOn('sparse_content'),
    proxy: {
      speedKibPerSecond: positive(metadata['proxy_speed_kb']),
      maxUpstreamConnections: positive(metadata['max_upstream_conn']),
      servesLocalWhenGone: isOn('proxy_cache_local_on_not_found'),
      forwardsReferrers: isOn('proxy_referrer_api'),
      filter: proxyFilter(metadata),
    },
  };
}

/** Metadata as the API shows it: the threshold in CVSS v3's words, junk as `unknown`. */
export function shownMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const severity = metadata['severity'];
  if (severity === undefined) return { ...metadata };
  return { ...metadata, severity: findSeverityThreshold(severity) ?? 'unknown' };
}

function positive(text: string | undefined): number | null {
  const number = Number(text);
  return number > 0 ? number : null;
}

function proxyFilter(metadata: Readonly<Record<string, string | undefined>>): ProxySettings['filter'] {
  const pattern = metadata['proxy_cache_filter_pattern'];
  if (!pattern) return null;
  return { kind: metadata['proxy_cache_filter_kind'] === 'regex' ? 'regex' : 'doublestar', pattern };
}
