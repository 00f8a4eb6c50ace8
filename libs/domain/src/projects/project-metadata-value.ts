import { findSeverityThreshold } from '../severity.js';
import { InvalidProjectMetadataError } from './project-metadata.errors.js';

export interface MetadataRule {
  /** The value in the one form in which it is stored. @throws InvalidProjectMetadataError */
  readonly normalise: (key: string, value: string) => string;
  /**
   * In a project that is no proxy cache: is the key kept, dropped from a project's body (the sub-API takes it),
   * or dropped there and refused by the sub-API?
   */
  readonly elsewhere: 'kept' | 'dropped' | 'refused';
  /** Written by another operation, never by a project's body or the metadata sub-API. */
  readonly isReadOnly: boolean;
}

/** Every key of a project's metadata and the values it takes: Harbor's, and after them our own. */
export const METADATA_VALUE = {
  public: rule(boolean),
  /** Pull only what notation signed. */
  enable_content_trust: rule(boolean),
  enable_content_trust_cosign: rule(boolean),
  prevent_vul: rule(boolean),
  severity: rule(severity),
  auto_scan: rule(boolean),
  auto_sbom_generation: rule(boolean),
  /** The project uses the system's list of accepted CVEs; so it does where the key is absent. */
  reuse_sys_cve_allowlist: rule(boolean),
  retention_id: rule(verbatim, { isReadOnly: true }),
  /** Uuid of the scanner that the project chose. */
  projectScanner: rule(verbatim, { isReadOnly: true }),
  /** KiB a second that a pull through the cache may take from upstream; -1 for no limit. */
  proxy_speed_kb: rule(integer, { elsewhere: 'dropped' }),
  max_upstream_conn: rule(connectionLimit, { elsewhere: 'dropped' }),
  /** When upstream has lost a tag, serve the copy that the cache still has. */
  proxy_cache_local_on_not_found: rule(boolean),
  proxy_referrer_api: rule(boolean),
  proxy_cache_filter_pattern: rule(verbatim, { elsewhere: 'refused' }),
  proxy_cache_filter_kind: rule(filterKind, { elsewhere: 'refused' }),
  /** Ours: manifests may name blobs or children that are not here. */
  sparse_content: rule(boolean),
} as const satisfies Record<string, MetadataRule>;

export type ProjectMetadataKey = keyof typeof METADATA_VALUE;

function rule(
  normalise: MetadataRule['normalise'],
  { elsewhere = 'kept', isReadOnly = false }: Partial<Omit<MetadataRule, 'normalise'>> = {},
): MetadataRule {
  return { normalise, elsewhere, isReadOnly };
}

const TRUE_WORDS = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE_WORDS = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** The words that Go's strconv.ParseBool takes: clients written for Harbor send them. */
function boolean(key: string, value: string): string {
  if (TRUE_WORDS.includes(value)) return 'true';
  if (FALSE_WORDS.includes(value)) return 'false';
  throw new InvalidProjectMetadataError(key, 'expected "true" or "false"');
}

function severity(key: string, value: string): string {
  const threshold = findSeverityThreshold(value);
  if (threshold === null) {
    throw new InvalidProjectMetadataError(key, 'expected "none", "low", "medium", "high" or "critical"');
  }
  return threshold;
}

const INT32_MAX = 2 ** 31 - 1;

function integer(key: string, value: string): string {
  const number = /^[+-]?\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (!(Math.abs(number) <= INT32_MAX)) throw new InvalidProjectMetadataError(key, 'expected an integer');
  return String(number === 0 ? 0 : number);
}

function connectionLimit(key: string, value: string): string {
  const limit = integer(key, value);
  if (Number(limit) <= 0 && limit !== '-1') {
    throw new InvalidProjectMetadataError(key, 'expected -1 or an integer above 0');
  }
  return limit;
}

function filterKind(key: string, value: string): string {
  if (value === 'doublestar' || value === 'regex') return value;
  throw new InvalidProjectMetadataError(key, 'expected "doublestar" or "regex"');
}

function verbatim(_key: string, value: string): string {
  return value;
}
