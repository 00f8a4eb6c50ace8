import { Ajv, type ValidateFunction } from 'ajv';

/**
 * The report of vulnerabilities as JSON Schema. Fields that the specification does not know are allowed everywhere.
 * @see pluggable scanner spec, HarborVulnerabilityReport; 1.1 for the fields marked so.
 */
const SCANNER = {
  type: 'object',
  required: ['name', 'vendor', 'version'],
  properties: { name: { type: 'string' }, vendor: { type: 'string' }, version: { type: 'string' } },
} as const;

const ARTIFACT = {
  type: 'object',
  required: ['repository', 'digest'],
  properties: {
    repository: { type: 'string' },
    digest: { type: 'string' },
    tag: { type: 'string' },
    mime_type: { type: 'string' },
  },
} as const;

const VULNERABILITY = {
  type: 'object',
  required: ['id', 'package', 'version', 'severity', 'links'],
  properties: {
    id: { type: 'string', minLength: 1 },
    package: { type: 'string', minLength: 1 },
    version: { type: 'string' },
    fix_version: { type: 'string' },
    severity: { type: 'string' },
    description: { type: 'string' },
    links: { type: 'array', items: { type: 'string' } },
  },
} as const;

/** Added by 1.1. */
const VULNERABILITY_1_1 = {
  type: 'object',
  properties: {
    preferred_cvss: {
      type: 'object',
      properties: {
        score_v3: { type: 'number' },
        score_v2: { type: 'number' },
        vector_v3: { type: 'string' },
        vector_v2: { type: 'string' },
      },
    },
    cwe_ids: { type: 'array', items: { type: 'string' } },
    vendor_attributes: { type: 'object' },
  },
} as const;

const REPORT = {
  type: 'object',
  required: ['generated_at', 'artifact', 'scanner', 'severity', 'vulnerabilities'],
  properties: {
    generated_at: { type: 'string' },
    artifact: ARTIFACT,
    scanner: SCANNER,
    severity: { type: 'string' },
    vulnerabilities: { type: 'array', items: VULNERABILITY },
  },
} as const;

const REPORT_1_1 = {
  type: 'object',
  properties: { vulnerabilities: { type: 'array', items: VULNERABILITY_1_1 } },
} as const;

const SBOM_REPORT = {
  type: 'object',
  required: ['generated_at', 'artifact', 'scanner', 'media_type', 'sbom'],
  properties: {
    generated_at: { type: 'string' },
    artifact: ARTIFACT,
    scanner: SCANNER,
    vendor_attributes: { type: 'object' },
    media_type: { type: 'string' },
    sbom: { type: 'object' },
  },
} as const;

const ajv = new Ajv({ allErrors: true, strict: false });
const schemas = {
  report: ajv.compile(REPORT),
  extensions: ajv.compile(REPORT_1_1),
  sbomReport: ajv.compile(SBOM_REPORT),
} as const satisfies Record<string, ValidateFunction>;

/** What is wrong with a document, one line each with the place, e.g. `/vulnerabilities/3/links must be array`. */
export function schemaFaults(schema: keyof typeof schemas, document: unknown): string[] {
  const validate = schemas[schema];
  if (validate(document)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
}
