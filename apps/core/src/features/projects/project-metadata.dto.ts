import { TextField } from '../../rest/fields.decorator.js';

/** Settings of a project; every value is a text. */
export class ProjectMetadataBody {
  @TextField({ description: '`true` or `false`.' }) public?: string | null;
  @TextField({ description: 'Only images with a Notation signature can be pulled: `true` or `false`.' })
  enable_content_trust?: string | null;
  @TextField({ description: 'Only images with a Cosign signature can be pulled: `true` or `false`.' })
  enable_content_trust_cosign?: string | null;
  @TextField({ description: 'Findings of `severity` or worse hold a pull back: `true` or `false`.' })
  prevent_vul?: string | null;
  @TextField({ description: '`none`, `low`, `medium`, `high` or `critical`.' }) severity?: string | null;
  @TextField({ description: 'Scan what is pushed: `true` or `false`.' }) auto_scan?: string | null;
  @TextField({ description: 'Make an SBOM of what is pushed: `true` or `false`.' })
  auto_sbom_generation?: string | null;
  @TextField({ description: "Use the system's list of accepted CVEs: `true` or `false`." })
  reuse_sys_cve_allowlist?: string | null;
  @TextField({ description: 'Set by the retention policy of the project.' }) retention_id?: string | null;
  @TextField({ description: 'KiB a second; proxy caches only.' }) proxy_speed_kb?: string | null;
  @TextField({ description: 'Proxy caches only.' }) max_upstream_conn?: string | null;
  @TextField({ description: 'Proxy caches only.' }) proxy_cache_local_on_not_found?: string | null;
  @TextField({ description: 'Proxy caches only.' }) proxy_referrer_api?: string | null;
  @TextField({ description: 'Proxy caches only.' }) proxy_cache_filter_pattern?: string | null;
  @TextField({ description: 'Proxy caches only.' }) proxy_cache_filter_kind?: string | null;
  @TextField({ isAddition: true, description: 'Manifests may name content that is not here: `true` or `false`.' })
  sparse_content?: string | null;
}
